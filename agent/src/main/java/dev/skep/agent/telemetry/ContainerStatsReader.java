package dev.skep.agent.telemetry;

import dev.skep.agent.v1.ContainerStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a container has used so far, from the kernel's files. The Engine's own answer costs it a
 * second of sampling for each container; these are five small files.
 *
 * <p>The kernel says itself in which control group the process is, so nothing is guessed from the
 * engine's cgroup driver or parent.
 */
final class ContainerStatsReader {
  private static final String CPU = "cpuacct";
  private static final String MEMORY = "memory";

  private static final Pattern BLANKS = Pattern.compile(" +");

  private final Path cgroups;
  private final Path processes;

  ContainerStatsReader(Path cgroups, Path processes) {
    this.cgroups = cgroups;
    this.processes = processes;
  }

  static ContainerStatsReader ofThisHost() {
    return new ContainerStatsReader(Path.of("/sys/fs/cgroup"), Path.of("/proc"));
  }

  /** Empty when the container ended meanwhile. */
  Optional<ContainerStats> read(StatsTarget target) {
    Path process = processes.resolve(Long.toString(target.pid()));
    ContainerStats.Builder stats =
        ContainerStats.newBuilder()
            .setContainerId(target.containerId())
            .setPlacementId(target.placementId());
    try {
      readGroups(Files.readAllLines(process.resolve("cgroup")), stats);
      readNetwork(Files.readAllLines(process.resolve("net/dev")), stats);
      return Optional.of(stats.build());
    } catch (IOException | NumberFormatException gone) {
      return Optional.empty();
    }
  }

  private void readGroups(List<String> groups, ContainerStats.Builder stats) throws IOException {
    boolean unified = groups.stream().noneMatch(line -> controllers(line).contains(CPU));
    if (unified) {
      readUnified(directory(groups, "", ""), stats);
      return;
    }
    Path cpu = directory(groups, CPU, CPU);
    Path memory = directory(groups, MEMORY, MEMORY);
    stats.setCpuNanos(number(cpu.resolve("cpuacct.usage")));
    long used = number(memory.resolve("memory.usage_in_bytes"));
    stats.setMemoryBytes(
        working(used, fields(memory.resolve("memory.stat")), "total_inactive_file"));
  }

  private static void readUnified(Path group, ContainerStats.Builder stats) throws IOException {
    stats.setCpuNanos(fields(group.resolve("cpu.stat")).getOrDefault("usage_usec", 0L) * 1_000);
    long used = number(group.resolve("memory.current"));
    stats.setMemoryBytes(working(used, fields(group.resolve("memory.stat")), "inactive_file"));
  }

  /**
   * Cached file pages that nobody has touched lately are given back on demand; they are not use.
   */
  private static long working(long used, Map<String, Long> memory, String inactive) {
    return Math.max(0, used - memory.getOrDefault(inactive, 0L));
  }

  /**
   * A line is {@code number:controller,controller:path}; the unified hierarchy names no controller.
   */
  private Path directory(List<String> groups, String controller, String mount) throws IOException {
    for (String line : groups) {
      if (controllers(line).contains(controller)) {
        String path = line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1);
        return cgroups.resolve(mount).resolve(path.substring(1));
      }
    }
    throw new IOException("the process is in no group of controller '" + controller + "'");
  }

  private static List<String> controllers(String line) {
    return List.of(line.split(":", 3)[1].split(","));
  }

  private static void readNetwork(List<String> devices, ContainerStats.Builder stats) {
    long received = 0;
    long sent = 0;
    for (String line : devices) {
      String device = line.strip();
      if (device.startsWith("eth")) {
        String[] columns = BLANKS.split(device.substring(device.indexOf(':') + 1).strip(), -1);
        received += Long.parseLong(columns[0]);
        sent += Long.parseLong(columns[8]);
      }
    }
    stats.setNetworkRxBytes(received).setNetworkTxBytes(sent);
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  private static Map<String, Long> fields(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.split(" ", 2))
        .filter(pair -> pair.length == 2)
        .collect(Collectors.toMap(pair -> pair[0], pair -> Long.parseLong(pair[1].strip())));
  }
}
