package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.WorkerId;

/** What becomes of one placement. */
public sealed interface PlacementChange {
  /** A new one on a worker that has none of this service. */
  record Create(WorkerId worker, ReleaseId release, int replicas, long restartGeneration)
      implements PlacementChange {}

  /** Another release, another number of replicas or a restart; takes back a removal. */
  record Update(PlacementId id, ReleaseId release, int replicas, long restartGeneration)
      implements PlacementChange {}

  /** Another number of replicas of the release that it has. */
  record Resize(PlacementId id, int replicas) implements PlacementChange {}

  /** Nothing shall be left of it. */
  record Remove(PlacementId id) implements PlacementChange {}

  /** Nothing is left of it: the row goes. */
  record Forget(PlacementId id) implements PlacementChange {}
}
