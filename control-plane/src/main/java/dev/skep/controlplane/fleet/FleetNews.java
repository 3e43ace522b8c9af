package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Notification.Severity;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What people have to be told of a cluster's workers, once per change.
 *
 * @param told what changed of what people know
 * @param cluster what is known of the cluster from now on
 */
public record FleetNews(List<Notification> notifications, List<Told> told, Cluster cluster) {
  /** For agents to dial again when a control plane or the only agent was restarted. */
  static final Duration BLIND_AFTER = Duration.ofSeconds(15);

  /**
   * What people know of a worker.
   *
   * @param state the last one that was told or that took the place of one; empty at first
   */
  public record Told(WorkerId worker, String state, Set<Pressure> pressure) {}

  /**
   * A worker and what people know of it.
   *
   * @param usage percent
   * @param replicas placed there, of {@code services}
   */
  public record Known(
      Worker worker, Told told, Map<Pressure, Double> usage, int replicas, int services) {}

  /**
   * A cluster.
   *
   * @param unseenSince since when too many of its workers are not seen at once; null when they are
   * @param blind whether people know
   */
  public record Cluster(String name, @Nullable Instant unseenSince, boolean blind) {
    Cluster seen(Instant now, boolean brake) {
      if (!brake) {
        return new Cluster(name, null, false);
      }
      Instant since = unseenSince == null ? now : unseenSince;
      return new Cluster(name, since, blind || !since.plus(BLIND_AFTER).isAfter(now));
    }
  }

  public static FleetNews of(
      Cluster cluster, List<Known> workers, Instant now, Duration heartbeatTimeout) {
    var look = new Look(now, heartbeatTimeout);
    boolean brake = Brake.on(workers.stream().map(Known::worker).toList(), now, heartbeatTimeout);
    Cluster after = cluster.seen(now, brake);
    look.cluster(cluster, workers, after.blind);
    if (!brake) {
      // One by one they would say no more than the cluster's notification does.
      workers.forEach(look::worker);
    }
    return new FleetNews(look.notifications, look.told, after);
  }

  /** One look at a cluster. */
  private static final class Look {
    private final Instant now;
    private final Duration heartbeatTimeout;
    private final List<Notification> notifications = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();

    Look(Instant now, Duration heartbeatTimeout) {
      this.now = now;
      this.heartbeatTimeout = heartbeatTimeout;
    }

    void cluster(Cluster cluster, List<Known> workers, boolean blind) {
      if (blind && !cluster.blind) {
        tell(
            Severity.CRITICAL,
            "cluster_blind",
            cluster.name,
            "Most of the workers of cluster "
                + cluster.name
                + " are not seen at once: "
                + unseen(workers)
                + ". Far more likely they cannot be seen than they are dead, so no replica is moved"
                + " until they are seen again; check the network and the control plane");
      } else if (!blind && cluster.blind) {
        tell(
            Severity.INFO,
            "cluster_sees_again",
            cluster.name,
            "Most of the workers of cluster " + cluster.name + " are seen again");
      }
    }

    private String unseen(List<Known> workers) {
      List<String> names =
          workers.stream()
              .map(Known::worker)
              .filter(w -> !Brake.seen(w.state(now, heartbeatTimeout)))
              .map(Worker::name)
              .toList();
      String first = String.join(", ", names.subList(0, Math.min(names.size(), 5)));
      return names.size() <= 5 ? first : first + " and " + (names.size() - 5) + " more";
    }

    void worker(Known known) {
      WorkerState state = known.worker.state(now, heartbeatTimeout);
      String newState =
          switch (state) {
            // Passing: what people were told last still holds.
            case PENDING, UNKNOWN, REMOVED -> known.told.state;
            case ONLINE, DRAINING, DRAINED, UNHEALTHY, LOST -> state.name();
          };
      if (!newState.equals(known.told.state)) {
        state(known, state);
      }
      Set<Pressure> pressure = Brake.seen(state) ? pressure(known) : known.told.pressure;
      if (!newState.equals(known.told.state) || !pressure.equals(known.told.pressure)) {
        told.add(new Told(known.worker.id(), newState, pressure));
      }
    }

    private void state(Known known, WorkerState state) {
      Worker worker = known.worker;
      String reason = worker.reason(now, heartbeatTimeout);
      switch (state) {
        case LOST ->
            tell(
                Severity.CRITICAL,
                "worker_lost",
                worker.name(),
                "Worker " + worker.name() + " is lost: " + reason + ". It held " + held(known));
        case UNHEALTHY ->
            tell(
                Severity.WARNING,
                "worker_unhealthy",
                worker.name(),
                "Worker "
                    + worker.name()
                    + " is unhealthy: "
                    + reason
                    + ". It holds "
                    + held(known));
        case DRAINED ->
            tell(
                Severity.INFO,
                "worker_drained",
                worker.name(),
                "Worker " + worker.name() + " is drained: " + reason);
        case ONLINE, DRAINING -> {
          if (known.told.state.equals(WorkerState.LOST.name())
              || known.told.state.equals(WorkerState.UNHEALTHY.name())) {
            tell(
                Severity.INFO,
                "worker_back",
                worker.name(),
                "Worker " + worker.name() + " is back");
          }
        }
        case PENDING, UNKNOWN, REMOVED -> {}
      }
    }

    private Set<Pressure> pressure(Known known) {
      Set<Pressure> pressure = known.worker.pressure(now);
      for (Pressure kind : pressure) {
        if (!known.told.pressure.contains(kind)) {
          tell(
              Severity.WARNING,
              "worker_pressure",
              known.worker.name(),
              "Worker "
                  + known.worker.name()
                  + " has run out of "
                  + kind.word()
                  + ": "
                  + String.format(Locale.ROOT, "%.0f", known.usage.getOrDefault(kind, 100.0))
                  + " % are used; "
                  + kind.consequence());
        }
      }
      return pressure.isEmpty() ? EnumSet.noneOf(Pressure.class) : EnumSet.copyOf(pressure);
    }

    private static String held(Known known) {
      return known.replicas
          + (known.replicas == 1 ? " replica" : " replicas")
          + " of "
          + known.services
          + (known.services == 1 ? " service" : " services");
    }

    private void tell(Severity severity, String type, String subject, String message) {
      notifications.add(Notification.ofPlatform(severity, type, subject, message));
    }
  }
}
