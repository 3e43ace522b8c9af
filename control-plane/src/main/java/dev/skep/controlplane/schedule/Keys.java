package dev.skep.controlplane.schedule;

import dev.skep.controlplane.workload.ServicePolicy.Strategy;

/**
 * What makes one worker come before another, as one long: the smaller key comes first, and its last
 * bits say whose it is. No two workers ever have the same.
 *
 * <pre>
 * spread: replicas of the service (14 bits), replicas (24), image missing (1), worker (24)
 * pack:   free thousandths of a core (20), free memory / 32 MiB (18), image missing (1), worker (24)
 * </pre>
 *
 * What does not fit into its bits counts as their maximum.
 */
final class Keys {
  private static final int WORKER_BITS = 24;
  private static final int COLD_BITS = 1;
  private static final int REPLICAS_BITS = 24;
  private static final int OF_SERVICE_BITS = 14;
  private static final int MEMORY_BITS = 18;
  private static final int CPU_BITS = 20;
  private static final int MEMORY_UNIT_BITS = 25;

  private Keys() {}

  static int worker(long key) {
    return (int) (key & mask(WORKER_BITS));
  }

  /** {@code warm}: the worker has the image. */
  static long spread(int ofService, int replicas, boolean warm, int worker) {
    long key = Math.min(ofService, mask(OF_SERVICE_BITS));
    key = key << REPLICAS_BITS | Math.clamp(replicas, 0, mask(REPLICAS_BITS));
    return tail(key, warm, worker);
  }

  private static long pack(Columns columns, boolean warm, int worker) {
    long key = Math.clamp(columns.freeCpu(worker), 0, mask(CPU_BITS));
    long memory = columns.freeMemory(worker) >> MEMORY_UNIT_BITS;
    key = key << MEMORY_BITS | Math.clamp(memory, 0, mask(MEMORY_BITS));
    return tail(key, warm, worker);
  }

  /** Of a worker that has no replica of the service. */
  static long of(Strategy strategy, Columns columns, boolean warm, int worker) {
    return switch (strategy) {
      case SPREAD -> spread(0, columns.replicas(worker), warm, worker);
      case BINPACK -> pack(columns, warm, worker);
    };
  }

  private static long tail(long key, boolean warm, int worker) {
    return (key << COLD_BITS | (warm ? 0 : 1)) << WORKER_BITS | worker;
  }

  private static long mask(int bits) {
    return (1L << bits) - 1;
  }
}
