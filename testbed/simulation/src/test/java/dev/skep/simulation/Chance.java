package dev.skep.simulation;

import java.util.List;
import java.util.SplittableRandom;

/** All that is left to chance, and so to the seed. */
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  boolean percent(int percent) {
    return random.nextInt(100) < percent;
  }

  /** Both ends included. */
  int between(int from, int to) {
    return random.nextInt(from, to + 1);
  }

  double fraction() {
    return random.nextDouble();
  }

  <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}
