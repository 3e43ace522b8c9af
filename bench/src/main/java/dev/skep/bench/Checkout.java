package dev.skep.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The built source tree that this program is part of. */
record Checkout(Path root) {
  private static final DateTimeFormatter RUN = DateTimeFormatter.ofPattern("MMdd-HHmmss");

  static Checkout find() {
    try {
      var jar = Path.of(Checkout.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      // bench/target/skep-bench.jar
      var root = jar.resolve("../../..").normalize();
      if (!Files.exists(root.resolve("skep"))) {
        throw new IllegalStateException(jar + " is not inside a checkout");
      }
      return new Checkout(root);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static String java() {
    return System.getProperty("java.home") + "/bin/java";
  }

  /** The module's jar and its libraries in a fixed order, as the start scripts do it. */
  String classPath(String module) {
    var target = root.resolve(module).resolve("target");
    var all = new ArrayList<>(jars(target));
    all.addAll(jars(target.resolve("lib")));
    return String.join(File.pathSeparator, all);
  }

  static List<String> jars(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(Path::toString)
          .filter(name -> name.endsWith(".jar"))
          .filter(name -> !name.endsWith("-sources.jar") && !name.endsWith("-tests.jar"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("is everything built? " + directory, e);
    }
  }

  /** A new directory for the logs of a run; it is kept. */
  Path runDirectory(String benchmark) {
    var name = benchmark + "-" + LocalDateTime.now(ZoneOffset.UTC).format(RUN);
    try {
      return Files.createDirectories(root.resolve("bench/target/runs").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
