package dev.skep.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.TestControlPlane;
import dev.skep.controlplane.fixture.StubRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java client does what its page says, against the real server. */
final class ClientExampleTest {
  private static final Path PAGE = Path.of("../../docs/sdk.md");
  private static final Path PROGRAM = Path.of("src/test/java/dev/skep/openapi/ClientExample.java");

  @Test
  void theProgramOfThePageRuns(@TempDir Path directory) {
    try (StubRegistry registry = new StubRegistry();
        TestControlPlane skep = new TestControlPlane(directory)) {
      assertThat(
              ClientExample.run(
                  "http://127.0.0.1:" + skep.port(), skep.token(), registry.image("app:1")))
          .isEqualTo("hello is there; SERVICE_NOT_FOUND: there is no service \"nowhere\"");
    }
  }

  @Test
  void thePageShowsTheProgram() throws IOException {
    String program = Files.readString(PROGRAM);
    String method = program.substring(program.indexOf("  static String run("));

    assertThat(Files.readString(PAGE))
        .contains(method.substring(0, method.lastIndexOf('}')).strip());
  }
}
