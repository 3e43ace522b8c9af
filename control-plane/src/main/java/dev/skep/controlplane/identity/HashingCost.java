package dev.skep.controlplane.identity;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one argon2id hash costs.
 *
 * @param memory KiB that one hash fills
 * @param iterations how often it goes over them
 * @param parallelism lanes
 */
public record HashingCost(int memory, int iterations, int parallelism) {
  /** OWASP's floor, and the default: about 50 ms on a slow core. */
  public static final HashingCost FLOOR = new HashingCost(19_456, 2, 1);

  private static final int MOST_MEMORY = 1 << 20;
  private static final int MOST_ROUNDS = 16;
  private static final Pattern FORMAT = Pattern.compile("m=(\\d{1,7}),t=(\\d{1,2}),p=(\\d{1,2})");

  /** Reads what {@link #toString} writes. */
  static HashingCost parse(String text) {
    Matcher parts = FORMAT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(text);
    }
    return new HashingCost(
        Integer.parseInt(parts.group(1)),
        Integer.parseInt(parts.group(2)),
        Integer.parseInt(parts.group(3)));
  }

  /**
   * As an operator sets it.
   *
   * @throws IllegalArgumentException below the floor, or more than any server can bear
   */
  public static HashingCost configured(String text) {
    HashingCost cost = parse(text);
    boolean bearable =
        cost.memory <= MOST_MEMORY
            && cost.iterations <= MOST_ROUNDS
            && cost.parallelism <= MOST_ROUNDS;
    if (!bearable || !cost.atLeast(FLOOR)) {
      throw new IllegalArgumentException(text);
    }
    return cost;
  }

  boolean atLeast(HashingCost other) {
    return memory >= other.memory
        && iterations >= other.iterations
        && parallelism >= other.parallelism;
  }

  @Override
  public String toString() {
    return "m=" + memory + ",t=" + iterations + ",p=" + parallelism;
  }
}
