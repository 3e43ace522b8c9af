package dev.skep.agent.worker;

import dev.skep.agent.task.NextStep.Accepted;
import dev.skep.agent.v1.ObjectStatus;
import java.util.Optional;

/** What the loop remembers of one object. Only the loop's thread touches it. */
final class Track {
  /** A step is under way. */
  boolean busy;

  /** Something changed while a step was under way. */
  boolean again;

  int failures;

  /** Not tried before, by the monotonic clock. */
  long notBefore = Long.MIN_VALUE;

  /** Generation that the failures belong to. */
  long generation;

  /** Looks that began before this are older than what we know. */
  long touched;

  Optional<Accepted> accepted = Optional.empty();

  ObjectStatus.State state = ObjectStatus.State.STATE_PENDING;
  String code = "";
  String message = "";

  void is(ObjectStatus.State now, String why, String sentence) {
    state = now;
    code = why;
    message = sentence;
  }

  /** A newer wish is a new chance. */
  void wanted(long newGeneration) {
    if (newGeneration != generation) {
      generation = newGeneration;
      chance();
    }
  }

  /** What kept it from being done may be over. */
  void chance() {
    failures = 0;
    notBefore = Long.MIN_VALUE;
  }
}
