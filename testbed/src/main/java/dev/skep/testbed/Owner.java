package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Who keeps a lab alive. The boot id and the start time keep a reused process id, also one after a
 * restart of the machine, from being taken for the owner.
 */
record Owner(LabOptions options, long pid, String started, String boot) {

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  static Owner thisProcess(LabOptions options) {
    var pid = ProcessHandle.current().pid();
    return new Owner(options, pid, startOf(pid).orElseThrow(), currentBoot());
  }

  static Optional<Owner> read(Slot slot) {
    try {
      var words = Files.readString(file(slot)).strip().split(" ", -1);
      if (words.length != 5) {
        return Optional.empty();
      }
      var lifetime = LabOptions.Lifetime.valueOf(words[1]);
      var options = new LabOptions(Integer.parseInt(words[0]), lifetime);
      return Optional.of(new Owner(options, Long.parseLong(words[2]), words[3], words[4]));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  void write(Slot slot) {
    var words =
        "%d %s %d %s %s\n".formatted(options.workers(), options.lifetime(), pid, started, boot);
    try {
      Files.createDirectories(slot.directory());
      // Replaced at once: a torn file would make the lab look abandoned.
      var written = Files.writeString(slot.directory().resolve("owner.new"), words);
      Files.move(written, file(slot), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean alive() {
    if (!boot.equals(currentBoot())) {
      return false;
    }
    return switch (options.lifetime()) {
      case UNTIL_DOWN -> true;
      case OF_PROCESS -> startOf(pid).filter(started::equals).isPresent();
    };
  }

  String describe() {
    if (!alive()) {
      return "left behind by process " + pid;
    }
    return switch (options.lifetime()) {
      case UNTIL_DOWN -> "stays until 'down'";
      case OF_PROCESS -> "of process " + pid;
    };
  }

  private static Path file(Slot slot) {
    return slot.directory().resolve("owner");
  }

  private static String currentBoot() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Clock ticks between the machine's start and the process's, if it runs (a zombie does not). */
  private static Optional<String> startOf(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The command name may contain blanks; what follows its closing bracket may not.
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[0].equals("Z") ? Optional.empty() : Optional.of(fields[19]);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
