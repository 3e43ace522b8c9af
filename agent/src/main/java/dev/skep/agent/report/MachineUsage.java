package dev.skep.agent.report;

import dev.skep.agent.v1.Usage;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What this machine uses of itself. CPU is a share of the time since the last reading; what cannot
 * be read stays unset.
 */
public final class MachineUsage {
  private static final int IDLE = 3;
  private static final int WAITING_FOR_DISK = 4;

  /** Guest time is in user time already. */
  private static final int FIRST_THAT_COUNTS_TWICE = 8;

  private final Path proc;
  private final Path engineData;
  private Optional<Cpu> before;

  public MachineUsage() {
    this(Path.of("/proc"), MachineFacts.engineData());
  }

  MachineUsage(Path proc, Path engineData) {
    this.proc = proc;
    this.engineData = engineData;
    this.before = cpu();
  }

  /** Time in ticks since the machine started. */
  private record Cpu(long busy, long total) {}

  public synchronized Usage read() {
    var usage = Usage.newBuilder();
    var now = cpu();
    if (before.isPresent() && now.isPresent()) {
      long total = now.get().total - before.get().total;
      if (total > 0) {
        usage.setCpuPercent(percent(now.get().busy - before.get().busy, total));
      }
    }
    before = now;
    addMemory(usage);
    addDisk(usage);
    return usage.build();
  }

  private Optional<Cpu> cpu() {
    return lines("stat").stream()
        .filter(l -> l.startsWith("cpu "))
        .findFirst()
        .map(
            line -> {
              long[] ticks =
                  Arrays.stream(line.substring(4).strip().split(" +", -1))
                      .limit(FIRST_THAT_COUNTS_TWICE)
                      .mapToLong(Long::parseLong)
                      .toArray();
              long total = Arrays.stream(ticks).sum();
              return new Cpu(total - ticks[IDLE] - ticks[WAITING_FOR_DISK], total);
            });
  }

  private void addMemory(Usage.Builder usage) {
    var lines = lines("meminfo");
    var total = kibibytes(lines, "MemTotal:");
    var available = kibibytes(lines, "MemAvailable:");
    if (total.isPresent() && available.isPresent()) {
      usage.setMemoryPercent(percent(total.getAsLong() - available.getAsLong(), total.getAsLong()));
    }
  }

  private static OptionalLong kibibytes(List<String> lines, String name) {
    return lines.stream()
        .filter(l -> l.startsWith(name))
        .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")))
        .findFirst();
  }

  /** As df counts: what only root may use is neither used nor free. */
  private void addDisk(Usage.Builder usage) {
    try {
      FileStore store = Files.getFileStore(engineData);
      long used = store.getTotalSpace() - store.getUnallocatedSpace();
      long usable = store.getUsableSpace();
      if (used + usable > 0) {
        usage.setDiskPercent(percent(used, used + usable));
      }
    } catch (IOException e) {
      usage.clearDiskPercent();
    }
  }

  private static float percent(long part, long whole) {
    return (float) Math.clamp(100.0 * part / whole, 0, 100);
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(proc.resolve(file));
    } catch (IOException e) {
      return List.of();
    }
  }
}
