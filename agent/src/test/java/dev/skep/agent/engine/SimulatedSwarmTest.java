package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** The contract on the Swarm that the simulation uses. */
final class SimulatedSwarmTest extends EngineContract {
  private static final String PUBLISHED = "registry.example:5000/app@sha256:" + "b".repeat(64);
  private final SimulatedNode engine;

  SimulatedSwarmTest() {
    var registry =
        new SimulatedSwarm.Registry() {
          @Override
          public Optional<Code> refusal(String image) {
            return image.equals(PUBLISHED) || image.equals(image())
                ? Optional.empty()
                : Optional.of(Code.IMAGE_MISSING);
          }

          @Override
          public boolean broken(String image) {
            return false;
          }
        };
    var swarm = new SimulatedSwarm(InstantSource.system(), registry, Duration.ofMillis(20));
    engine = swarm.addNode("n1", InstantSource.system());
    engine.init("10.0.0.1");
  }

  @Override
  Engine engine() {
    return engine;
  }

  @Override
  String image() {
    return "sha256:" + "a".repeat(64);
  }

  @Override
  String published() {
    return PUBLISHED;
  }

  @Override
  String probeDir() {
    return "/usr/lib/skep/probe";
  }
}
