package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.skep.testbed.Await;
import dev.skep.testbed.LabHost;
import dev.skep.v1.RotateWorkerCertificateRequest;
import dev.skep.v1.Worker;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How soon the control plane knows that a worker cannot be heard any more. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeadWorkerTest {
  private static final Duration CRASH_SEEN = Must.seconds(2);
  private static final Duration SILENCE_SEEN = Must.seconds(15);

  @RegisterExtension private final SkepLab skep = SkepLab.start(2);

  private final LabHost other = skep.lab().hosts().getLast();

  @Test
  void aMachineThatFallsSilentIsSeenInSeconds() {
    Timestamp connected = worker().getConnectedChangeTime();
    Instant cut = Instant.now();
    other.cut();
    try {
      Await.seconds(60).until("the session is gone", this::worker, w -> !w.getConnected());
    } finally {
      other.heal();
    }
    Duration seen = Duration.between(cut, Instant.now());
    System.out.println("silence was seen after " + seen.toMillis() + " ms");
    assertThat(seen).isLessThan(SILENCE_SEEN);
    skep.awaitOnline();
    assertThat(worker().getConnectedChangeTime()).isNotEqualTo(connected);
  }

  @Test
  void anAgentThatIsKilledIsSeenAtOnce() {
    Instant killed = Instant.now();
    skep.agent(other.name()).kill9();
    Await.seconds(60).until("the session is gone", this::worker, w -> !w.getConnected());
    Duration seen = Duration.between(killed, Instant.now());
    skep.agent(other.name()).start();
    System.out.println("a crash was seen after " + seen.toMillis() + " ms");
    assertThat(seen).isLessThan(CRASH_SEEN);
    skep.awaitOnline();
  }

  @Test
  void anIdleAgentStaysConnectedForMoreThanAMinute() {
    Timestamp connected = worker().getConnectedChangeTime();
    Await.seconds(90)
        .until(
            "a minute has passed",
            this::worker,
            w -> Instant.now().getEpochSecond() - connected.getSeconds() > 65);

    assertThat(worker().getConnected()).isTrue();
    assertThat(worker().getConnectedChangeTime()).isEqualTo(connected);
    assertThat(worker().getUsage().getMemoryPercent()).isBetween(0.1f, 100f);
    assertThat(worker().getUsage().getDiskPercent()).isBetween(0f, 100f);
    assertThat(worker().getUsage().hasCpuPercent()).isTrue();
  }

  @Test
  void anAgentRenewsItsCertificateWhenItIsTold() {
    Timestamp connected = worker().getConnectedChangeTime();
    skep.api()
        .workers()
        .rotateWorkerCertificate(
            RotateWorkerCertificateRequest.newBuilder().setWorker(other.name()).build());
    Await.seconds(20)
        .until("the certificate is fresh", this::worker, w -> !w.getCertificateRenewing());
    // The agent has it before it ends the old session and opens one with it.
    Await.seconds(20)
        .until(
            "a session with the fresh certificate",
            this::worker,
            w -> w.getConnected() && !w.getConnectedChangeTime().equals(connected));
    skep.awaitOnline();
  }

  private Worker worker() {
    return skep.api().listWorkers().stream()
        .filter(w -> w.getName().equals(other.name()))
        .findFirst()
        .orElseThrow();
  }
}
