package dev.skep.controlplane.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Stops all moving of replicas when most of a cluster cannot be seen at once: then it is far more
 * likely that we are blind than that they are dead.
 */
public final class Brake {
  static final int PERCENT = 55;

  private Brake() {}

  /** Whether more than {@value #PERCENT} % of the workers that are part of the Swarm are unseen. */
  public static boolean on(Collection<Worker> workers, Instant now, Duration heartbeatTimeout) {
    List<WorkerState> members =
        workers.stream()
            .filter(w -> !w.swarm().id().isEmpty())
            .map(w -> w.state(now, heartbeatTimeout))
            .toList();
    long unseen = members.stream().filter(Brake::unseen).count();
    return unseen * 100 > members.size() * (long) PERCENT;
  }

  private static boolean unseen(WorkerState state) {
    return switch (state) {
      case UNKNOWN, UNHEALTHY, LOST -> true;
      case PENDING, ONLINE, DRAINING, DRAINED -> false;
    };
  }
}
