package dev.skep.controlplane.state;

import static dev.skep.controlplane.state.Bulk.Column.integers;
import static dev.skep.controlplane.state.Bulk.Column.texts;
import static dev.skep.controlplane.state.Bulk.Column.uuids;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.reconcile.DeploymentStep;
import dev.skep.controlplane.reconcile.PlacementChange;
import dev.skep.controlplane.reconcile.ServicePlan;
import dev.skep.controlplane.reconcile.ServiceView;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Writes plans; the caller's transaction holds the services and the lease. The number of statements
 * does not grow with the number of plans.
 */
final class PlanWriter {
  /** Of several steps of one deployment the last is what remains; the events tell of all. */
  private static final String STEP =
      """
      update container_deployments d
      set state = n.state, reason = n.reason,
          phase_since = case when d.state = n.state then d.phase_since else now() end,
          ended_at = case when n.ended = 1 then now() end, failed_container = n.container
      from unnest(:ids::uuid[], :states::text[], :reasons::text[], :ended::int[], :containers::text[])
           n (id, state, reason, ended, container)
      where d.id = n.id
      """;

  private final Handle handle;
  private final ImageWriter images;
  private final PlacementWriter placements;
  private final VolumeWriter volumes;
  private final ServiceChangeWriter services;
  private final EventWriter events = new EventWriter();
  private final QuotaWriter quotas = new QuotaWriter();
  private final Map<DeploymentId, DeploymentStep> steps = new LinkedHashMap<>();
  private final Map<ClusterId, Long> revisions = new HashMap<>();

  PlanWriter(Handle handle, Supplier<UUID> ids) {
    this.handle = handle;
    this.images = new ImageWriter(handle);
    this.placements = new PlacementWriter(ids);
    this.volumes = new VolumeWriter(ids);
    this.services = new ServiceChangeWriter(ids, images, volumes, events);
  }

  void add(ServicePlan plan) {
    ServiceView view = plan.view();
    if (letsGo(plan)) {
      images.changed(view.id());
    }
    if (!plan.images().isEmpty()) {
      images.wish(view.cluster(), plan.images());
    }
    for (PlacementChange change : plan.changes()) {
      placements.add(view, change, revision(view));
      volumes.add(view, change);
    }
    for (DeploymentStep step : plan.steps()) {
      steps.put(step.id(), step);
      events.add(view.organization(), view.id(), EventWriter.Event.of(step));
    }
    plan.events().forEach(event -> services.add(view, event));
    plan.service()
        .forEach(
            change -> {
              services.add(view, change);
              quotas.add(view, change);
            });
  }

  /** Whether something that referred to a release may not do so any more. */
  private static boolean letsGo(ServicePlan plan) {
    return plan.steps().stream().anyMatch(step -> step.state().ended())
        || plan.changes().stream().anyMatch(PlacementChange.Forget.class::isInstance);
  }

  void write() {
    quotas.begin(handle);
    placements.write(handle);
    volumes.write(handle);
    Bulk ended =
        new Bulk(
            STEP,
            uuids("ids"),
            texts("states"),
            texts("reasons"),
            integers("ended"),
            texts("containers"));
    steps.forEach(
        (id, step) ->
            ended.add(
                id.value(),
                step.state().name(),
                step.reason(),
                step.state().ended() ? 1 : 0,
                step.failedContainer()));
    ended.execute(handle);
    services.write(handle);
    images.finish(revisions);
    placements.writeReserved(handle);
    quotas.finish(handle);
  }

  private long revision(ServiceView view) {
    return revisions.computeIfAbsent(view.cluster(), cluster -> Revisions.next(handle, cluster));
  }
}
