package dev.skep.testbed.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A value that must be in the containers it is for, and nowhere else. */
record Canary(SkepLab skep) {
  static final String VALUE = "canary-7f3a9c51e8";

  /** Of whole groups of three bytes, so that it is part of the base64 of whatever follows. */
  private static final String BASE64 =
      Base64.getEncoder().encodeToString(VALUE.substring(0, 15).getBytes(StandardCharsets.UTF_8));

  /** The value and something after it, whose characters are bytes. */
  static byte[] bytes(String rest) {
    return (VALUE + rest).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** At /etc/tls/key and /run/secrets/tls.key, and in DSN; on no label. */
  void assertContainersHave(String service, byte[] file, String variable) {
    var running = skep.engines().running(service);
    assertThat(running).isNotEmpty();
    for (var container : running) {
      assertThat(read(container).lines())
          .containsExactly(
              base64(file), base64(file), "400", base64(variable.getBytes(StandardCharsets.UTF_8)));
      var docker = skep.engines().on(container.host());
      var config = docker.inspectContainerCmd(container.id()).exec().getConfig();
      assertThat(String.valueOf(config.getLabels()))
          .contains(Engines.SERVICE_LABEL)
          .doesNotContain(VALUE);
    }
    assertThat(skep.engines().swarmServices(service))
        .isNotEmpty()
        .allSatisfy(
            s ->
                assertThat(String.valueOf(requireNonNull(s.getSpec()).getLabels()))
                    .doesNotContain(VALUE));
  }

  private String read(Engines.Running container) {
    String script =
        """
        for f in /etc/tls/key /run/secrets/tls.key; do base64 $f | tr -d '\\n'; echo; done
        stat -c %a /etc/tls/key
        printf %s "$DSN" | base64 | tr -d '\\n'
        """;
    return skep.lab()
        .host(container.host())
        .exec("docker", "exec", container.id(), "/bin/sh", "-c", script)
        .orThrow();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * Neither the logs and the database's own files nor what agents keep.
   *
   * @param marker is in one of them, which shows that the search finds something
   */
  void assertNoFileOfOursHasIt(String marker) throws IOException {
    boolean found = false;
    for (var file : files()) {
      var content = content(file);
      assertThat(content.contains(VALUE)).as(file + " has the value").isFalse();
      assertThat(content.contains(BASE64)).as(file + " has it in base64").isFalse();
      found |= content.contains(marker);
    }
    assertThat(found).as("the search finds " + marker).isTrue();
  }

  private List<Path> files() throws IOException {
    var directories =
        new ArrayList<>(List.of(requireNonNull(skep.controlPlane().log().getParent())));
    for (var host : skep.lab().hosts()) {
      directories.add(host.directory().resolve("agent-" + host.name()));
    }
    var all = new ArrayList<Path>();
    for (var directory : directories) {
      try (var files = Files.walk(directory)) {
        all.addAll(files.filter(Files::isRegularFile).toList());
      }
    }
    return all;
  }

  /** Empty when it went in the meantime. */
  private static String content(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
