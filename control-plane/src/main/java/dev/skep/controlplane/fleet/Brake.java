package dev.skep.controlplane.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/** Tells a cluster of which much has died from one that we cannot see. */
public final class Brake {
  /** Of a cluster's workers; more that are not seen at once are far more likely our blindness. */
  private static final int PERCENT = 55;

  private Brake() {}

  /**
   * Whether nothing may be moved because too many workers are not seen at once.
   *
   * @param cluster the workers of one cluster; those that are not part of its Swarm do not count
   */
  public static boolean on(Collection<Worker> cluster, Instant now, Duration heartbeatTimeout) {
    int members = 0;
    int unseen = 0;
    for (Worker worker : cluster) {
      if (!worker.swarm().id().isEmpty()
          && worker.upkeep().availability() != Upkeep.Availability.REMOVED) {
        members++;
        unseen += seen(worker.state(now, heartbeatTimeout)) ? 0 : 1;
      }
    }
    return unseen * 100 > members * PERCENT;
  }

  static boolean seen(WorkerState state) {
    return switch (state) {
      case UNKNOWN, UNHEALTHY, LOST -> false;
      case PENDING, ONLINE, DRAINING, DRAINED, REMOVED -> true;
    };
  }
}
