package dev.skep.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Measured values of one kind. */
final class Samples {
  private final double[] sorted;

  private Samples(double[] sorted) {
    this.sorted = sorted;
  }

  static <T> Samples of(List<T> measured, ToDoubleFunction<T> value) {
    if (measured.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    var values = measured.stream().mapToDouble(value).toArray();
    Arrays.sort(values);
    return new Samples(values);
  }

  double best() {
    return sorted[0];
  }

  double max() {
    return sorted[sorted.length - 1];
  }

  double median() {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The nearest rank: with few samples the high quantiles are the maximum. */
  double quantile(double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(rank, 1) - 1];
  }
}
