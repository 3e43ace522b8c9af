package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.Resources;

/** What an agent found on its machine; sizes in bytes, {@code capacity} is the whole machine. */
public record WorkerFacts(
    String hostname,
    String advertiseAddress,
    String os,
    String kernel,
    String architecture,
    Resources capacity,
    long diskBytes,
    long diskFreeBytes,
    String engineVersion,
    String engineApiVersion,
    String agentVersion,
    boolean ipvs) {

  /**
   * Whether these are news: anything but free disk, and of free disk a change of more than 1 % of
   * the disk.
   */
  public boolean worthWriting(WorkerFacts before) {
    return Math.abs(diskFreeBytes - before.diskFreeBytes) > diskBytes / 100
        || !withDiskFree(before.diskFreeBytes).equals(before);
  }

  private WorkerFacts withDiskFree(long bytes) {
    return new WorkerFacts(
        hostname,
        advertiseAddress,
        os,
        kernel,
        architecture,
        capacity,
        diskBytes,
        bytes,
        engineVersion,
        engineApiVersion,
        agentVersion,
        ipvs);
  }
}
