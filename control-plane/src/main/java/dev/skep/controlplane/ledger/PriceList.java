package dev.skep.controlplane.ledger;

import java.time.Instant;

/**
 * Prices of a currency from an hour on, in micro-units.
 *
 * @param minimumSeconds replica-seconds that a service pays for at least in an hour in which it ran
 * @param egressGib of a GiB that containers send
 */
public record PriceList(
    int id,
    String currency,
    Instant validFrom,
    int minimumSeconds,
    long replicaHour,
    long vcpuHour,
    long memoryGibHour,
    long storageGibHour,
    long egressGib,
    long buildMinute) {
  /** Prices up to this, of usage up to what an organization can have, do not overflow. */
  public static final long MOST = 10_000_000_000L;

  private static final long MILLI_CORES = 1000;
  private static final long GIB = 1L << 30;
  private static final long MIB = 1L << 20;
  private static final long MIB_PER_GIB = 1024;

  /**
   * What an hour costs, rounded as the closing of hours rounds.
   *
   * @param replicas that run
   * @param cpuMillis of all of them
   * @param memoryBytes of all of them
   * @param storageBytes of volumes
   */
  public long hour(long replicas, long cpuMillis, long memoryBytes, long storageBytes) {
    return replicas * replicaHour
        + charge(cpuMillis, MILLI_CORES, vcpuHour)
        + charge(Math.ceilDiv(memoryBytes, MIB), MIB_PER_GIB, memoryGibHour)
        + charge(storageBytes / MIB, MIB_PER_GIB, storageGibHour);
  }

  /** What a GiB is to {@link #egressGib}. */
  public long egress(long bytes) {
    return charge(bytes / 1024, GIB / 1024, egressGib);
  }

  /** {@code quantity / unit * price}, rounded half up; the same as the function in PostgreSQL. */
  static long charge(long quantity, long unit, long price) {
    return Math.addExact(
        Math.multiplyExact(quantity / unit, price),
        ((quantity % unit) * price * 2 + unit) / (2 * unit));
  }
}
