package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Removes what a lab made, found by the lab's number on the machine itself. Each step tolerates
 * that its object is already gone, so a removal that was interrupted is simply done again.
 */
final class Reaper {

  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private Reaper() {}

  /** All but the lab's directory, whose existence is what reserves the number. */
  static void reap(Slot slot) {
    var namespaces =
        children(NAMESPACES, slot.namespacePrefix()).stream().map(Reaper::name).toList();
    thaw(cgroups(of(slot)));
    killProcesses(namespaces);
    for (var namespace : namespaces) {
      Shell.run("ip", "link", "delete", namespace);
      Shell.run("ip", "netns", "delete", namespace);
    }
    Network.removeBridge(slot);
    removeCgroups(slot);
  }

  /** Ends everything on one host, and nothing else. */
  static void powerOff(Slot slot, String host) {
    thaw(cgroups(slot.cgroup(host)::equals));
    killProcesses(List.of(slot.namespace(host)));
  }

  /** Kills every process of some hosts; the kernel takes their containers along. */
  private static void killProcesses(List<String> namespaces) {
    Await.seconds(20)
        .until(
            "processes in %s are gone".formatted(namespaces),
            () -> {
              var pids = pids(namespaces);
              if (!pids.isEmpty()) {
                var command = new ArrayList<>(List.of("kill", "-KILL"));
                command.addAll(pids);
                Shell.run(command);
              }
              return pids;
            },
            List::isEmpty);
  }

  /** The processes of some hosts, apart from those in containers. */
  static List<String> pids(List<String> namespaces) {
    return namespaces.stream()
        .flatMap(namespace -> Shell.run("ip", "netns", "pids", namespace).output().lines())
        .filter(line -> line.chars().allMatch(Character::isDigit))
        .toList();
  }

  /** A paused container does not even die of SIGKILL before it is thawed (cgroup v1). */
  private static void thaw(List<Path> cgroups) {
    for (var cgroup : cgroups) {
      for (var directory : deepestFirst(cgroup)) {
        var state = directory.resolve("freezer.state");
        if (Files.exists(state)) {
          Shell.run("sh", "-c", "echo THAWED > '" + state + "'");
        }
      }
    }
  }

  private static void removeCgroups(Slot slot) {
    Await.seconds(10)
        .until(
            "control groups of lab " + slot.index() + " are removed",
            () -> {
              for (var cgroup : cgroups(of(slot))) {
                for (var directory : deepestFirst(cgroup)) {
                  Files.deleteIfExists(directory);
                }
              }
              return cgroups(of(slot));
            },
            List::isEmpty);
  }

  private static Predicate<String> of(Slot slot) {
    return name -> name.startsWith(slot.cgroupPrefix());
  }

  /** One hierarchy per controller in version 1; in version 2 the root is the only one. */
  private static List<Path> cgroups(Predicate<String> condition) {
    var roots = new ArrayList<>(children(CGROUPS, ""));
    roots.add(CGROUPS);
    return roots.stream()
        .flatMap(root -> children(root, "").stream())
        .filter(cgroup -> condition.test(name(cgroup)))
        .filter(Files::isDirectory)
        .toList();
  }

  /** Groups of containers that end meanwhile vanish under the eyes of whoever looks. */
  private static List<Path> deepestFirst(Path root) {
    var found = new ArrayList<Path>();
    for (var child : children(root, "")) {
      if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        found.addAll(deepestFirst(child));
      }
    }
    found.add(root);
    return found;
  }

  private static List<Path> children(Path directory, String prefix) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.filter(path -> name(path).startsWith(prefix)).toList();
    } catch (IOException | UncheckedIOException e) {
      if (!Files.exists(directory)) {
        return List.of();
      }
      throw new IllegalStateException("cannot list " + directory, e);
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }
}
