package dev.skep.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The contract on a real engine, and what only a real one does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DockerEngineTest extends EngineContract {
  @SuppressWarnings("NullAway.Init")
  private Dockerd dockerd;

  @SuppressWarnings("NullAway.Init")
  private DockerEngine engine;

  private String image = "";

  @BeforeAll
  void start() throws IOException, InterruptedException {
    dockerd = Dockerd.start();
    engine = new DockerEngine(dockerd.host());
    image = dockerd.importBusybox();
    engine.membership().init(Dockerd.ADDRESS);
  }

  @AfterAll
  void stop() {
    engine.close();
    dockerd.close();
  }

  @Override
  Engine engine() {
    return engine;
  }

  @Override
  String image() {
    return image;
  }

  @Override
  String published() {
    return dockerd.publish();
  }

  @Test
  void registryThatNobodyRunsIsUnreachable() {
    String nobody = "127.0.0.1:9/app@sha256:" + "a".repeat(64);
    assertThatThrownBy(() -> engine.images().pull(nobody))
        .isInstanceOfSatisfying(
            EngineFailure.class,
            e -> {
              assertThat(e.code()).isEqualTo(EngineFailure.Code.REGISTRY_UNREACHABLE);
              assertThat(e.getMessage()).contains("127.0.0.1:9 does not answer");
            });
  }

  @Override
  String probeDir() {
    try {
      return dockerd.probeDir().toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void missingSocketIsEngineDown() {
    try (var nobody = new DockerEngine(URI.create("unix:///nowhere/docker.sock"))) {
      assertThatThrownBy(nobody::info)
          .isInstanceOfSatisfying(
              EngineFailure.class,
              e -> assertThat(e.code()).isEqualTo(EngineFailure.Code.ENGINE_DOWN));
    }
  }

  @Test
  void hangingEngineIsATimeoutAndWorksAfterwards() throws Exception {
    try (var transport = new Transport(dockerd.host())) {
      transport.version(Duration.ofSeconds(5));
      dockerd.signal("STOP");
      try {
        assertThatThrownBy(() -> transport.call("GET", "/info", null, Duration.ofMillis(300)))
            .isInstanceOfSatisfying(
                EngineFailure.class,
                e -> assertThat(e.code()).isEqualTo(EngineFailure.Code.TIMEOUT));
      } finally {
        dockerd.signal("CONT");
      }
      assertThat(transport.call("GET", "/info", null, Duration.ofSeconds(10))).contains("ID");
    }
  }

  @Test
  void streamsAndCallsLeaveNoDescriptorsBehind() throws Exception {
    engine.info();
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      var stream = new ArrayList<Thread>();
      stream.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  engine.watch(java.time.Instant.now(), e -> {});
                } catch (EngineFailure e) {
                  // Interrupted, as meant.
                }
              }));
      engine.info();
      for (var t : stream) {
        t.interrupt();
        t.join(Duration.ofSeconds(10));
        assertThat(t.isAlive()).isFalse();
      }
    }
    Dockerd.await(() -> descriptors() <= before + 5, SOON);
  }

  private static long descriptors() {
    var names = new java.io.File("/proc/self/fd").list();
    return names == null ? 0 : names.length;
  }
}
