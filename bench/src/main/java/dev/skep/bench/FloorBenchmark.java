package dev.skep.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the bare decision takes on this machine: an array is read for every placement. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FloorBenchmark {
  static final int PLACEMENTS = 1_000;
  private static final long CAPACITY = 40_000;
  private static final long EACH = 100;

  @Param("1000")
  public int workers;

  private long[] free = new long[0];
  private int[] replicas = new int[0];

  @Setup(Level.Invocation)
  public void fresh() {
    free = new long[workers];
    replicas = new int[workers];
    java.util.Arrays.fill(free, CAPACITY);
  }

  @Benchmark
  public int[] scan() {
    for (int i = 0; i < PLACEMENTS; i++) {
      int best = 0;
      for (int worker = 1; worker < workers; worker++) {
        if (replicas[worker] < replicas[best] && free[worker] >= EACH) {
          best = worker;
        }
      }
      replicas[best]++;
      free[best] -= EACH;
    }
    return replicas;
  }
}
