package dev.skep.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A way to start the agent. */
record AgentVariant(String title, List<String> command) {
  /** As the start script sets it: one arena, for glibc gives little memory back. */
  static final Map<String, String> ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "1");

  static AgentVariant plainJdk(Checkout checkout) {
    return new AgentVariant("JDK, agent.jvmoptions", AgentProcess.command(checkout));
  }

  /** What an archive of install/package-agent.sh starts. */
  static AgentVariant packaged(Path archive) {
    return new AgentVariant(
        "archive, its start script", List.of(archive.resolve("bin/skep-agent").toString()));
  }

  /** The archive's runtime without its start script. */
  static AgentVariant runtime(Path archive) {
    return new AgentVariant(
        "archive without its cache",
        List.of(
            archive.resolve("runtime/bin/java").toString(),
            "@" + archive.resolve("conf/agent.jvmoptions"),
            "-cp",
            String.join(":", Checkout.jars(archive.resolve("lib"))),
            "dev.skep.agent.Agent"));
  }

  /** The same with a cache of classes that an earlier run left. */
  AgentVariant withCache(Path cache) {
    return with(title + " + AOT cache", "-XX:AOTCache=" + cache);
  }

  /** A run that writes the cache when it ends. */
  AgentVariant training(Path cache) {
    return with(title + ", training", "-XX:AOTCacheOutput=" + cache);
  }

  AgentVariant with(String otherTitle, String... flags) {
    var changed = new ArrayList<>(command);
    changed.addAll(1, List.of(flags));
    return new AgentVariant(otherTitle, List.copyOf(changed));
  }

  /** Makes the archive if need be and unpacks it. */
  static Path unpack(Checkout checkout, Path directory) {
    run(checkout.root().resolve("install/package-agent.sh").toString());
    var target = checkout.root().resolve("install/target");
    var architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    var archive = target.resolve("skep-agent-linux-" + architecture + ".tar.gz");
    run("tar", "-xzf", archive.toString(), "-C", directory.toString());
    return directory.resolve("skep-agent");
  }

  private static void run(String... command) {
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      int code = builder.start().waitFor();
      if (code != 0) {
        throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
