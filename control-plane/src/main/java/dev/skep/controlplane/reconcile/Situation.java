package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.FleetView;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/** What surrounds the services of one cluster during a pass. */
public record Situation(FleetView fleet, Map<WorkerId, Fate> fates, Images images, Instant now) {
  private static final Fate UNKNOWN =
      new Fate(Fate.Kind.STAYS, "a deleted worker", Instant.EPOCH, "");

  Fate fate(WorkerId worker) {
    return Objects.requireNonNullElse(fates.get(worker), UNKNOWN);
  }
}
