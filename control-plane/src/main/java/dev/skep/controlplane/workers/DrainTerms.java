package dev.skep.controlplane.workers;

import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.v1.DrainWorkerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an operator wants a worker drained.
 *
 * @param deadline null for none
 */
record DrainTerms(@Nullable Duration deadline, boolean force) {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(7);

  static DrainTerms of(DrainWorkerRequest request) {
    Duration deadline =
        request.hasDeadline()
            ? Duration.ofSeconds(
                request.getDeadline().getSeconds(), request.getDeadline().getNanos())
            : null;
    List<FieldViolation> wrong = new ArrayList<>();
    if (deadline != null && (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0)) {
      wrong.add(
          new FieldViolation(
              "deadline",
              deadline.toSeconds()
                  + " s is out of range; use 1 s to "
                  + LONGEST.toSeconds()
                  + " s"));
    }
    if (request.getForce() && deadline == null) {
      wrong.add(
          new FieldViolation(
              "force", "needs a deadline, at which what is left is taken down; set deadline"));
    }
    Refusal.ifAny(wrong);
    return new DrainTerms(deadline, request.getForce());
  }

  Upkeep upkeep(Instant now) {
    Instant until = deadline == null ? null : now.plus(deadline);
    return new Upkeep(Upkeep.Availability.DRAINING, until, force);
  }
}
