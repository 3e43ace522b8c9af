package dev.skep.controlplane.forecast;

import dev.skep.controlplane.db.Tenant;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.Forecast;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.reconcile.Situation;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Looks at the cluster as it is now and says what the leader would do. */
public final class Forecasts {
  /** Nobody asks for more replicas than a service may have. */
  private static final int ROOM = 1_000;

  private final ClusterState state;
  private final InstantSource clock;
  private final Duration heartbeatTimeout;

  public Forecasts(ClusterState state, InstantSource clock, Duration heartbeatTimeout) {
    this.state = state;
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
  }

  /** Of a service as it is, with the room for more; empty when it is gone. */
  public Optional<Forecast> asIs(ServiceId service) {
    Snapshot snapshot = look(List.of(service));
    return snapshot.services().stream()
        .findFirst()
        .map(view -> Forecast.of(view, situation(snapshot, view), ROOM));
  }

  /** Of a service with something changed; empty when it is gone. */
  public Optional<Forecast> changed(ServiceId service, UnaryOperator<ServiceView> change) {
    Snapshot snapshot = look(List.of(service));
    return snapshot.services().stream()
        .findFirst()
        .map(view -> Forecast.of(change.apply(view), situation(snapshot, view)));
  }

  /** Of a service that does not exist yet. */
  public Forecast created(ServiceView view) {
    return Forecast.of(view, situation(look(List.of()), view));
  }

  /** Of every service that has replicas on a worker, by name, if that were lost now. */
  public List<Forecast> loss(WorkerId worker) {
    Instant now = clock.instant();
    Snapshot snapshot = look(Tenant.across(() -> state.on(worker))).withLost(worker, now);
    List<ServiceView> views =
        snapshot.services().stream().sorted(Comparator.comparing(ServiceView::name)).toList();
    if (views.isEmpty()) {
      return List.of();
    }
    // One situation: two services must not be promised the same room.
    Situation situation = situation(snapshot, views.getFirst());
    return views.stream().map(view -> Forecast.of(view, situation)).toList();
  }

  /** Room on a machine is what all organizations leave of it. */
  private Snapshot look(List<ServiceId> services) {
    return Tenant.across(() -> state.look(services));
  }

  private Situation situation(Snapshot snapshot, ServiceView view) {
    return snapshot.situation(view.cluster(), clock.instant(), heartbeatTimeout);
  }
}
