package dev.skep.testbed.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A module as Maven has built it in this checkout. */
enum Built {
  CONTROL_PLANE("control-plane", "dev.skep.controlplane.ControlPlane"),
  AGENT("agent", "dev.skep.agent.Agent");

  private final Path directory;
  private final String mainClass;

  Built(String module, String mainClass) {
    // Surefire starts tests in the directory of their module.
    this.directory = Path.of("").toAbsolutePath().resolveSibling(module);
    this.mainClass = mainClass;
  }

  Path directory() {
    return directory;
  }

  /** The command that runs it. */
  List<String> command(List<String> jvmOptions) {
    var classes = directory.resolve("target/classes");
    var libraries = directory.resolve("target/lib");
    if (!Files.isDirectory(classes) || !Files.isDirectory(libraries)) {
      throw new IllegalStateException(directory + " is not built; run ./mvnw -DskipTests package");
    }
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classes + ":" + libraries + "/*", mainClass));
    return command;
  }
}
