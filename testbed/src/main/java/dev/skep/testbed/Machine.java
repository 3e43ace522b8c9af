package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A host that is switched on: its namespaces, held by their first process. */
final class Machine {

  private final Path directory;
  private final long init;

  private Machine(Path directory, long init) {
    this.directory = directory;
    this.init = init;
  }

  static Machine powerOn(Slot slot, String host) {
    var directory = slot.directory(host);
    var log = directory.resolve("init.log");
    var ready = directory.resolve("ready");
    try {
      Files.deleteIfExists(ready);
      Files.writeString(directory.resolve("init.sh"), script());
      // unshare stays outside as the parent; setsid keeps a terminal's Ctrl-C away from the host.
      var command =
          "setsid nsenter --net=/run/netns/%s unshare --mount --uts --pid --fork --mount-proc sh %s %s %s"
              .formatted(slot.namespace(host), directory.resolve("init.sh"), host, directory);
      var outside = Shell.start(ProcessSpec.of(log, command.split(" ", -1)));
      Await.seconds(10)
          .every(Duration.ofMillis(5))
          .until(host + " is on; see " + log, () -> Files.exists(ready));
      var init = outside.children().findFirst().orElseThrow().pid();
      Files.writeString(directory.resolve("init.pid"), Long.toString(init));
      return new Machine(directory, init);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HostProcess spawn(ProcessSpec spec) {
    var command = new ArrayList<>(entrance());
    command.addAll(List.of("setsid", "sh", "-c", "cd \"$0\" && exec \"$@\""));
    command.add(spec.directory().toString());
    command.addAll(spec.command());
    var entering = new ProcessSpec(command, spec.environment(), Path.of("/"), spec.output());
    return new HostProcess(Shell.start(entering), spec.output());
  }

  ExecResult exec(List<String> command) {
    return Shell.run(Stream.concat(entrance().stream(), command.stream()).toList());
  }

  Path directory() {
    return directory;
  }

  private List<String> entrance() {
    var target = Long.toString(init);
    return List.of("nsenter", "-t", target, "--mount", "--uts", "--net", "--pid", "--");
  }

  private static String script() throws IOException {
    try (var script = Machine.class.getResourceAsStream("init.sh")) {
      if (script == null) {
        throw new IllegalStateException("init.sh is missing beside " + Machine.class);
      }
      return new String(script.readAllBytes(), UTF_8);
    }
  }
}
