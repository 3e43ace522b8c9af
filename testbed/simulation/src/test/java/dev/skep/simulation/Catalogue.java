package dev.skep.simulation;

import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.engine.SimulatedSwarm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The images that services are made of, and the registry that they come from. */
final class Catalogue implements SimulatedSwarm.Registry {
  static final List<String> GOOD = List.of(image('1'), image('2'), image('3'));

  /** Its containers end at once. */
  static final String BROKEN = image('b');

  /** The registry does not have it. */
  static final String MISSING = image('c');

  private final Map<String, EngineFailure.Code> troubles = new TreeMap<>();

  private static String image(char digit) {
    return "registry.example/app@sha256:" + String.valueOf(digit).repeat(64);
  }

  void trouble(String image, EngineFailure.Code code) {
    troubles.put(image, code);
  }

  void heal() {
    troubles.clear();
  }

  @Override
  public Optional<EngineFailure.Code> refusal(String image) {
    return image.equals(MISSING)
        ? Optional.of(EngineFailure.Code.IMAGE_MISSING)
        : Optional.ofNullable(troubles.get(image));
  }

  @Override
  public boolean broken(String image) {
    return image.equals(BROKEN);
  }
}
