package dev.skep.testbed;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A process to run on a lab host.
 *
 * @param environment added to a minimal one; nothing is inherited from the caller
 * @param directory where it starts
 * @param output the file that receives standard output and error; it is appended to
 */
public record ProcessSpec(
    List<String> command, Map<String, String> environment, Path directory, Path output) {

  public ProcessSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /** Runs in {@code /} and writes to {@code output}. */
  public static ProcessSpec of(Path output, String... command) {
    return new ProcessSpec(List.of(command), Map.of(), Path.of("/"), output);
  }

  public ProcessSpec environment(String name, String value) {
    var changed = new HashMap<>(environment);
    changed.put(name, value);
    return new ProcessSpec(command, changed, directory, output);
  }

  public ProcessSpec directory(Path other) {
    return new ProcessSpec(command, environment, other, output);
  }
}
