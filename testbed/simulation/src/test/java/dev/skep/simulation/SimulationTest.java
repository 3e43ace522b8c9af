package dev.skep.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.pki.MasterKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Many short histories with faults. A failure tells its seed; {@code -Dskep.seed=N} repeats only
 * that one and prints it.
 */
final class SimulationTest {
  private static final long SEEDS = Long.getLong("skep.seeds", 1_000);
  private static final int THREADS = 2;

  private final AtomicInteger moves = new AtomicInteger();

  @Test
  void whateverHappensEverythingBecomesAsAskedForAndNeverMore() throws Exception {
    Long only = Long.getLong("skep.seed");
    if (only != null) {
      try (var runner = new Runner()) {
        System.out.println(runner.run(only).text());
      }
      return;
    }
    var next = new AtomicLong();
    List<Future<Void>> threads = new ArrayList<>();
    try (var pool = Executors.newFixedThreadPool(THREADS)) {
      for (int i = 0; i < THREADS; i++) {
        threads.add(pool.submit(() -> runAll(next)));
      }
    }
    for (var thread : threads) {
      try {
        thread.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof AssertionError error) {
          throw error;
        }
        throw e;
      }
    }
    assertThat(moves.get())
        .as("copies with volumes that left a worker that was cut off")
        .isGreaterThanOrEqualTo((int) (SEEDS / 250));
  }

  @Test
  void sameSeedHasTheSameHistory() throws IOException {
    try (var first = new Runner();
        var second = new Runner()) {
      for (long seed = 1; seed <= 5; seed++) {
        first.run(seed + 100);
        assertThat(second.run(seed).hash()).as("seed %d", seed).isEqualTo(first.run(seed).hash());
      }
    }
  }

  private Void runAll(AtomicLong next) throws IOException {
    try (var runner = new Runner()) {
      for (long seed = next.incrementAndGet(); seed <= SEEDS; seed = next.incrementAndGet()) {
        try {
          runner.run(seed);
          moves.addAndGet(runner.moves());
        } catch (Error e) {
          next.set(SEEDS);
          throw e;
        }
      }
    }
    return null;
  }

  /** One history after the other, on a database of its own. */
  private static final class Runner implements AutoCloseable {
    private final Path directory = directory();
    private final SimulationDatabase database = SimulationDatabase.create(directory);
    private final MasterKey masterKey = MasterKey.open(directory.resolve("master.key"));

    private int moves;

    /** Of the last history. */
    int moves() {
      return moves;
    }

    private static Path directory() {
      try {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "skep-simulation")
            : Files.createTempDirectory("skep-simulation");
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    History run(long seed) throws IOException {
      Path disks = Files.createDirectory(directory.resolve("seed-" + seed));
      var simulation = new Simulation(seed, database, masterKey, disks);
      try {
        simulation.run();
        moves = simulation.witness().moves();
        return simulation.history();
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "seed %d: %s%n%s%nrepeat it with -Dskep.seed=%d"
                .formatted(seed, e, simulation.history().text(), seed),
            e);
      } finally {
        delete(disks);
      }
    }

    private static void delete(Path directory) throws IOException {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }

    @Override
    public void close() throws IOException {
      database.close();
      delete(directory);
    }
  }
}
