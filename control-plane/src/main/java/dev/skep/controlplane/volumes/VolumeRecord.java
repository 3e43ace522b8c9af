package dev.skep.controlplane.volumes;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.VolumeId;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A volume with all that is shown of it.
 *
 * @param service null when it was deleted
 * @param worker that has it; its row may be gone
 * @param use who names it; empty when nobody does
 * @param keptSince since when no service can use it
 * @param observed what the worker's agent said last of its removal
 */
record VolumeRecord(
    VolumeId id,
    ClusterId cluster,
    @Nullable ServiceId service,
    String serviceName,
    String name,
    WorkerId worker,
    String workerName,
    WorkerSight sight,
    String use,
    @Nullable Instant keptSince,
    String keptBecause,
    boolean removing,
    String observed,
    Instant createdAt) {
  /** How its worker is seen. */
  enum WorkerSight {
    CONNECTED,
    AWAY,
    REMOVED
  }

  /** Whether anything uses it. */
  enum State {
    IN_USE,
    UNUSED,
    KEPT,
    REMOVING
  }

  State state() {
    if (removing) {
      return State.REMOVING;
    }
    if (!use.isEmpty()) {
      return State.IN_USE;
    }
    return keptSince == null ? State.UNUSED : State.KEPT;
  }

  /** What there is to know of the state; empty when there is nothing. */
  String reason() {
    if (sight == WorkerSight.REMOVED) {
      return "its worker was removed: the data is on that machine, if anywhere";
    }
    return switch (state()) {
      case IN_USE -> "used by " + use;
      case UNUSED -> "service " + serviceName + " does not name it any more, but can again";
      case KEPT -> keptBecause;
      case REMOVING ->
          sight == WorkerSight.AWAY
              ? "waits for worker " + workerName + ", which is not connected"
              : observed;
    };
  }

  /** When it is deleted by itself. */
  @Nullable Instant keptUntil(Duration retention) {
    return state() == State.KEPT && keptSince != null ? keptSince.plus(retention) : null;
  }
}
