package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which lab numbers of this machine are taken, and by whom. */
final class Slots {

  /** The file lock keeps other processes out, this one other threads of the same process. */
  private static final Object IN_PROCESS = new Object();

  private Slots() {}

  /** Takes a free number for this process, after removing the labs whose owner is dead. */
  static Slot claim(int workers) {
    return locked(
        () -> {
          reapStaleUnlocked();
          var slot = firstFree();
          Owner.thisProcess(LabOptions.workers(workers)).write(slot);
          return slot;
        });
  }

  /** Gives the number back; all else of the lab has to be gone. */
  static void release(Slot slot) {
    locked(() -> Shell.run("rm", "-rf", "--one-file-system", slot.directory().toString()));
  }

  static List<Slot> taken() {
    return indexes().filter(slot -> Files.exists(slot.directory())).toList();
  }

  /** Removes the labs that nobody owns any more. */
  static void reapStale() {
    locked(
        () -> {
          reapStaleUnlocked();
          return true;
        });
  }

  private static void reapStaleUnlocked() {
    for (var slot : taken()) {
      if (!Owner.read(slot).map(Owner::alive).orElse(false)) {
        Reaper.reap(slot);
        Shell.run("rm", "-rf", "--one-file-system", slot.directory().toString());
      }
    }
  }

  private static Slot firstFree() {
    return indexes()
        .filter(slot -> !Files.exists(slot.directory()))
        .filter(slot -> Shell.must("ip route show " + slot.subnet()).isEmpty())
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("all lab numbers up to 255 are taken; stop some labs"));
  }

  private static Stream<Slot> indexes() {
    return IntStream.rangeClosed(0, Slot.MAX_INDEX).mapToObj(Slot::new);
  }

  private static <T> T locked(Supplier<T> action) {
    synchronized (IN_PROCESS) {
      try {
        Files.createDirectories(Slot.ROOT);
        try (var file =
                FileChannel.open(
                    Slot.ROOT.resolve("lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            var _ = file.lock()) {
          return action.get();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
