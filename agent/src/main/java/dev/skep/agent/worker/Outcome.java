package dev.skep.agent.worker;

import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.task.NextStep.Accepted;
import dev.skep.agent.task.Observed;
import java.util.Optional;

/** What became of a step. */
sealed interface Outcome {
  /**
   * The service as it is now; empty when there is none.
   *
   * @param accepted what the engine made of our spec, when we sent one
   */
  record ServiceNow(Optional<Observed.Service> service, Optional<Accepted> accepted)
      implements Outcome {}

  /** The network as it is now. */
  record NetworkNow(Optional<Observed.Network> network) implements Outcome {}

  /** The secret as it is now. */
  record SecretNow(Optional<Observed.Secret> secret) implements Outcome {}

  /** Whether the engine has the image now. */
  record ImageNow(String image, boolean there) implements Outcome {}

  /** The volume is not there any more. */
  record VolumeGone() implements Outcome {}

  /** The membership changed; everything has to be looked at. */
  record SwarmChanged() implements Outcome {}

  record Failed(EngineFailure failure) implements Outcome {}
}
