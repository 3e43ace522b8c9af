package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine.EngineEvent;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.Step;
import java.util.List;
import java.util.Set;

/** What wakes the loop. */
sealed interface Signal {
  /** These assignments changed. */
  record Assigned(Set<String> ids) implements Signal {}

  /** The engine said that something happened. */
  record Happened(EngineEvent event) implements Signal {}

  /** A step for an object will take its time. */
  record Began(String id) implements Signal {}

  /** A step for an object was tried. */
  record Tried(String id, Step step, Outcome outcome) implements Signal {}

  /** Everything was looked at; {@code ticket} is older than every step that began later. */
  record Listed(long ticket, Listing listing) implements Signal {}

  /** The tasks were looked at. */
  record Looked(long ticket, List<Observed.Task> tasks) implements Signal {}

  /**
   * The tasks could not be looked at, although the engine answers: perhaps nobody leads the Swarm.
   */
  record Unanswered() implements Signal {}

  /** Looking failed. */
  record Blind(EngineFailure failure) implements Signal {}

  record Stop() implements Signal {}
}
