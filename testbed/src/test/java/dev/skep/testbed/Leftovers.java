package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What there is of a lab on this machine, found without the code that removes it. */
final class Leftovers {

  private Leftovers() {}

  static List<String> of(int index) {
    var prefix = "skl" + index;
    return Stream.of(
            names(Path.of("/run/netns"), prefix + "-"),
            names(Path.of("/sys/class/net"), prefix).filter(name -> isOf(name, prefix)),
            lines("/proc/self/mounts", prefix + "-"),
            lines("/proc/self/mounts", "/var/lib/skep-lab/" + index + "/"),
            command("rule", prefix + " ", "ip", "rule"),
            command("filter", prefix + " ", "iptables", "-S", "FORWARD"),
            cgroups("skep-lab" + index + "-"),
            processes("/var/lib/skep-lab/" + index + "/"),
            names(Path.of("/var/lib/skep-lab"), Integer.toString(index))
                .filter(name -> name.equals(Integer.toString(index))))
        .flatMap(found -> found)
        .toList();
  }

  private static boolean isOf(String link, String bridge) {
    return link.equals(bridge) || link.startsWith(bridge + "-");
  }

  private static Stream<String> command(String kind, String mark, String... command) {
    return Shell.run(command)
        .output()
        .lines()
        .filter(line -> line.contains(mark))
        .map(line -> kind + " " + line);
  }

  private static Stream<String> cgroups(String prefix) {
    var root = Path.of("/sys/fs/cgroup");
    try (var paths = Files.walk(root, 2)) {
      return paths
          .filter(path -> path.getFileName().toString().startsWith(prefix))
          .map(Path::toString)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> processes(String mark) {
    return names(Path.of("/proc"), "")
        .filter(name -> name.chars().allMatch(Character::isDigit))
        .flatMap(pid -> lines("/proc/" + pid + "/cmdline", mark));
  }

  private static Stream<String> lines(String file, String mark) {
    try {
      return Files.readString(Path.of(file)).lines().filter(line -> line.contains(mark));
    } catch (IOException e) {
      // The process has ended meanwhile.
      return Stream.of();
    }
  }

  private static Stream<String> names(Path directory, String prefix) {
    try (var paths = Files.list(directory)) {
      return paths
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
