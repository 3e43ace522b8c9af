package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Release;

/** What becomes of the service's own row. */
public sealed interface ServiceChange {
  /** Whether something else is wanted of the service afterwards. */
  default boolean otherGoal() {
    return switch (this) {
      case GoBack g -> true;
      case Stop s -> true;
      case ScaleBack s -> true;
      case Purge p -> false;
      case Proven p -> false;
      case LeaveVolumes l -> false;
      case StayWithVolumes s -> false;
      case WaitFor w -> false;
    };
  }

  /** It is deleted and nothing is left: its rows go. */
  record Purge() implements ServiceChange {}

  /** A deployment of this release runs: what a rollback goes back to. */
  record Proven(Release release) implements ServiceChange {}

  /** This release becomes the target again, in a deployment of its own. */
  record GoBack(Release release, String cause) implements ServiceChange {}

  /** The first deployment was cancelled: there is nothing to go back to. */
  record Stop() implements ServiceChange {}

  /** A cancelled scaling is taken back. */
  record ScaleBack(int replicas) implements ServiceChange {}

  /** Its volumes on this worker are left behind: it starts with empty ones elsewhere. */
  record LeaveVolumes(WorkerId worker, String because) implements ServiceChange {}

  /** The worker with its volumes is well: the wish to leave them is void. */
  record StayWithVolumes() implements ServiceChange {}

  /** Why replicas have no place; empty when they have. */
  record WaitFor(String what) implements ServiceChange {}
}
