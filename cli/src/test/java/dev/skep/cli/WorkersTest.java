package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.DeleteWorkerRequest;
import dev.skep.v1.DrainWorkerRequest;
import dev.skep.v1.Service;
import dev.skep.v1.UpdateWorkerRequest;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerAvailability;
import dev.skep.v1.WorkerPressure;
import dev.skep.v1.WorkerState;
import dev.skep.v1.WorkerUsage;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
final class WorkersTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
    controlPlane.workers.put(
        "w1",
        Worker.newBuilder()
            .setId("id-w1")
            .setName("w1")
            .setState(WorkerState.WORKER_STATE_ONLINE)
            .setReplicas(3)
            .setEtag("e1")
            .putLabels("zone", "a")
            .putLabels("disk", "ssd")
            .addTaints("gpu")
            .build());
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String... args) {
    return Invocation.run(
        Map.of(
            "SKEP_SERVER",
            "http://127.0.0.1:" + controlPlane.port(),
            "SKEP_TOKEN",
            "skp_x",
            "COLUMNS",
            "160"),
        args);
  }

  @Test
  void aDrainTellsWhatIsLeftUntilNothingIs() {
    var drain = skep("workers", "drain", "w1", "--deadline", "10m", "--force", "--wait");

    assertThat(drain.code()).as(drain.err()).isZero();
    assertThat(drain.err()).contains("2 replicas left", "1 replica left");
    assertThat(drain.out()).contains("w1 is drained");
    assertThat(request(DrainWorkerRequest.class).getDeadline().getSeconds()).isEqualTo(600);
    assertThat(request(DrainWorkerRequest.class).getForce()).isTrue();
  }

  @Test
  void aDrainThatDoesNotEndInTimeSaysWhatCannotMove() {
    keepReplicas();
    var service = Service.newBuilder().setId("s").setName("db");
    service
        .getStatusBuilder()
        .setReason("no worker has 64 cores")
        .addReplicasBuilder()
        .setWorkerId("id-w1");
    controlPlane.services.put("db", service.build());

    var drain = skep("workers", "drain", "w1", "--deadline", "300ms");

    assertThat(drain.code()).isEqualTo(5);
    assertThat(drain.err()).contains("3 replicas left", "db: no worker has 64 cores");
  }

  @Test
  void aDrainNeedNotBeWaitedFor() {
    keepReplicas();

    assertThat(skep("workers", "drain", "w1", "--no-wait").out()).contains("w1 is draining");
  }

  @Test
  void cordonAndUncordonSayWhatTheyDid() {
    assertThat(skep("workers", "cordon", "w1").out()).contains("takes no new replicas; 3 replicas");
    assertThat(skep("workers", "ls").out()).contains("online, cordoned");
    assertThat(skep("workers", "uncordon", "w1").out()).contains("takes replicas again");
    assertThat(skep("workers", "ls").out()).doesNotContain("cordoned");
  }

  @Test
  void labelsAndTaintsAreSetAndTakenAway() {
    assertThat(skep("workers", "label", "w1", "zone=b", "disk-", "x=1").out())
        .contains("x=1,zone=b")
        .doesNotContain("ssd");
    assertThat(request(UpdateWorkerRequest.class).getEtag()).isEqualTo("e1");
    assertThat(skep("workers", "taint", "w1", "gpu-", "spot").out()).contains("taints spot");
    assertThat(skep("workers", "taint", "w1", "a=b").code()).isEqualTo(2);
  }

  @Test
  void aFreshCertificateIsWaitedFor() {
    assertThat(skep("workers", "rotate-certificate", "w1").out()).contains("fresh key");
  }

  @Test
  void whatIsGivenUpWithALostWorkerIsSaid() {
    assertThat(skep("workers", "rm", "w1").code()).as("nobody to ask").isEqualTo(2);
    assertThat(skep("workers", "rm", "w1", "--force").out()).contains("3 replicas given up");
    assertThat(request(DeleteWorkerRequest.class).getForce()).isTrue();
  }

  @Test
  void pressureAndUsageAreShown() {
    controlPlane.workers.computeIfPresent(
        "w1",
        (name, w) ->
            w.toBuilder()
                .addPressure(WorkerPressure.WORKER_PRESSURE_MEMORY)
                .setUsage(WorkerUsage.newBuilder().setCpuPercent(12.4f).setMemoryPercent(97f))
                .setAvailability(WorkerAvailability.WORKER_AVAILABILITY_CORDONED)
                .build());

    assertThat(skep("workers", "ls").out()).contains("online, cordoned, no memory");
    assertThat(skep("workers", "inspect", "w1").out())
        .contains("CPU 12 %, memory 97 %")
        .containsPattern("Taints +gpu");
  }

  @Test
  void notificationsAreListed() {
    assertThat(skep("notifications", "ls").out()).contains("critical", "worker_lost", "w1");
    assertThat(skep("notifications", "ls", "--limit", "0").code()).isEqualTo(2);
  }

  private void keepReplicas() {
    controlPlane.workers.computeIfPresent(
        "w1", (n, w) -> w.toBuilder().removeLabels("zone").build());
  }

  private <T> T request(Class<T> type) {
    return controlPlane.requests.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((first, last) -> last)
        .orElseThrow();
  }
}
