package dev.skep.bench;

import java.util.List;

/**
 * What is placed where.
 *
 * @param peer placements/s of SwarmKit's scheduler in the same shape, 0 when it was not measured
 * @param must how many times that is asked of us
 * @param goal how many times we would like
 */
record Shape(
    String name,
    int workers,
    int services,
    int replicas,
    Fleets.Variant variant,
    double peer,
    int must,
    int goal) {

  /**
   * The peer's figures are those of its own benchmark on the machine that docs/performance.md
   * names.
   */
  static final List<Shape> ALL =
      List.of(
          new Shape("one-off-1k", 1_000, 10_000, 1, Fleets.Variant.PLAIN, 5_400, 20, 200),
          new Shape("one-off-10k", 10_000, 10_000, 1, Fleets.Variant.PLAIN, 1_270, 100, 800),
          new Shape("one-off-100k", 100_000, 10_000, 1, Fleets.Variant.PLAIN, 32, 2_000, 30_000),
          new Shape("grouped", 10_000, 1, 10_000, Fleets.Variant.PLAIN, 11_400, 10, 100),
          new Shape("services", 10_000, 1_000, 1, Fleets.Variant.PLAIN, 1_380, 100, 700),
          new Shape("services-x10", 10_000, 1_000, 10, Fleets.Variant.PLAIN, 0, 0, 0),
          new Shape("third", 10_000, 10_000, 1, Fleets.Variant.THIRD, 0, 0, 0),
          new Shape("half", 10_000, 10_000, 1, Fleets.Variant.HALF, 0, 0, 0),
          new Shape("full", 10_000, 10_000, 1, Fleets.Variant.FULL, 0, 0, 0),
          new Shape("packed", 10_000, 10_000, 1, Fleets.Variant.PACKED, 0, 0, 0),
          new Shape("million", 100_000, 1_000_000, 1, Fleets.Variant.PLAIN, 0, 0, 0));

  int placements() {
    return services * replicas;
  }
}
