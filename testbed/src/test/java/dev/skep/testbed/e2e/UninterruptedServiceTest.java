package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skep.testbed.Await;
import dev.skep.testbed.TestImages;
import dev.skep.v1.AddSecretVersionRequest;
import dev.skep.v1.CancelDeploymentRequest;
import dev.skep.v1.CreateSecretRequest;
import dev.skep.v1.DeploymentState;
import dev.skep.v1.DrainWorkerRequest;
import dev.skep.v1.ListReleasesRequest;
import dev.skep.v1.Release;
import dev.skep.v1.Replica;
import dev.skep.v1.RollBackServiceRequest;
import dev.skep.v1.SecretFile;
import dev.skep.v1.SecretRotation;
import dev.skep.v1.SecretUse;
import dev.skep.v1.UncordonWorkerRequest;
import dev.skep.v1.WorkerState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A client asks all the time while releases come and go and workers are drained: every request is
 * answered.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UninterruptedServiceTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  private final Api api = skep.api();

  @AfterEach
  void clear() {
    skep.clear();
  }

  @Test
  void everyRequestIsAnsweredWhileAWorkerIsDrained() {
    api.run("web", skep.specs().web("v1", 2).build());
    api.run("client", skep.specs().client("web").build());
    Await.seconds(60).until("the client is answered", () -> answers().size(), n -> n > 5);
    String client = workersOf("client").getFirst();
    String drained =
        workersOf("web").stream().filter(w -> !w.equals(client)).findFirst().orElseThrow();

    var _ = api.workers().drainWorker(DrainWorkerRequest.newBuilder().setWorker(drained).build());
    Await.seconds(60)
        .until(
            drained + " is drained",
            () -> api.worker(drained).getState(),
            WorkerState.WORKER_STATE_DRAINED::equals);
    int asked = answers().size();
    Await.seconds(30).until("the client goes on", () -> answers().size(), n -> n > asked + 10);

    assertThat(answers()).allSatisfy(answer -> assertThat(answer).endsWith(" v1"));
    assertThat(api.get("web").getStatus().getReplicasRunning()).isEqualTo(2);
    assertThat(workersOf("web")).doesNotContain(drained);
    assertThat(api.events("web"))
        .anySatisfy(
            event ->
                assertThat(event.getMessage())
                    .startsWith("1 replica moved from " + drained)
                    .endsWith("it is being drained"));
    var _ =
        api.workers().uncordonWorker(UncordonWorkerRequest.newBuilder().setWorker(drained).build());
  }

  private List<String> workersOf(String service) {
    return api.get(service).getStatus().getReplicasList().stream()
        .map(Replica::getWorkerName)
        .distinct()
        .toList();
  }

  @Test
  void everyRequestIsAnsweredWhileReleasesAreRolledOutCancelledAndRolledBack() {
    api.run("web", skep.specs().web("v1", 3).build());
    api.run("client", skep.specs().client("web").build());
    Await.seconds(60).until("the client is answered", () -> answers().size(), n -> n > 5);

    api.update("web", skep.specs().image(TestImages.web("v2")));
    api.awaitRunning("web");
    Await.seconds(30).until("the new release answers", () -> answers().getLast().endsWith(" v2"));

    String broken = api.update("web", skep.specs().image(TestImages.webBroken("v3")));
    Await.seconds(60)
        .until("a replica of the broken release was started", () -> startedReplicasOf(3) > 0);
    cancel(broken);
    assertThat(api.awaitEnd("web", broken).getState())
        .isEqualTo(DeploymentState.DEPLOYMENT_STATE_CANCELLED);
    api.awaitRunning("web");
    assertThat(current().getNumber()).isEqualTo(2);

    rollBackTo(1);
    api.awaitRunning("web");
    Await.seconds(30).until("the first release answers", () -> answers().getLast().endsWith(" v1"));

    assertThat(current().getNumber()).isEqualTo(1);
    assertThat(releases()).extracting(Release::getNumber).containsExactly(3, 2, 1);
    assertThat(answers()).allSatisfy(answer -> assertThat(answer).containsAnyOf(" v1", " v2"));
  }

  private long startedReplicasOf(int release) {
    return api.get("web").getStatus().getReplicasList().stream()
        .filter(r -> r.getReleaseNumber() == release && !r.getContainerId().isEmpty())
        .count();
  }

  private void cancel(String deployment) {
    var _ =
        api.deployments()
            .cancelDeployment(
                CancelDeploymentRequest.newBuilder()
                    .setService("web")
                    .setDeployment(deployment)
                    .build());
  }

  private void rollBackTo(int release) {
    var _ =
        api.services()
            .rollBackService(
                RollBackServiceRequest.newBuilder()
                    .setService("web")
                    .setReleaseNumber(release)
                    .build());
  }

  private Release current() {
    return api.get("web").getStatus().getRelease();
  }

  private List<Release> releases() {
    return api.services()
        .listReleases(ListReleasesRequest.newBuilder().setService("web").build())
        .getReleasesList();
  }

  private List<String> answers() {
    return api.allLogs("client").stream().map(line -> line.getText()).toList();
  }

  @Test
  void everyRequestIsAnsweredWhileASecretIsRotatedAndItIsNowhereButInItsContainers()
      throws IOException {
    var canary = new Canary(skep);
    byte[] first = Canary.bytes(" first {{.Node.Hostname}} {{ \0 \"'\n\u00ff");
    byte[] second = Canary.bytes(" second }} {{ \u00ff\u00fe");
    String text = Canary.VALUE + " {{.Node.Hostname}} {{ \"it's\" ünï\nline two";
    create("tls.key", first);
    create("marked-dsn", text.getBytes(StandardCharsets.UTF_8));
    var spec =
        skep.specs()
            .web("v1", 2)
            .addSecrets(
                SecretUse.newBuilder()
                    .setSecret("tls.key")
                    .setFile(SecretFile.newBuilder().setPath("/etc/tls/key").setMode(0400)))
            .addSecrets(
                SecretUse.newBuilder()
                    .setSecret("tls.key")
                    .setFile(SecretFile.newBuilder().setMode(0400)))
            .addSecrets(SecretUse.newBuilder().setSecret("marked-dsn").setEnv("DSN"));
    String web = api.run("web", spec.build()).getId();
    api.run("client", skep.specs().client("web").build());
    Await.seconds(60).until("the client is answered", () -> answers().size(), n -> n > 5);
    canary.assertContainersHave(web, first, text);
    assertThat(skep.engines().secrets())
        .singleElement()
        .asString()
        .matches("skep-tls-key-[0-9a-z]+-v1");

    var before = idsOf(web);
    var rotated =
        api.secrets()
            .addSecretVersion(
                AddSecretVersionRequest.newBuilder()
                    .setSecret("tls.key")
                    .setValue(ByteString.copyFrom(second))
                    .setRotation(SecretRotation.SECRET_ROTATION_ROLLING)
                    .build());
    assertThat(rotated.getDeployments(0).getServiceName()).isEqualTo("web");
    api.awaitRunning("web");

    Await.seconds(60)
        .until(
            "replicas with the old value have ended",
            () -> idsOf(web),
            ids -> ids.size() == 2 && Collections.disjoint(ids, before));
    canary.assertContainersHave(web, second, text);
    Await.seconds(60)
        .until(
            "the old Swarm secret is gone",
            () -> skep.engines().secrets(),
            names -> names.size() == 1 && names.getFirst().endsWith("-v2"));
    int asked = answers().size();
    Await.seconds(30).until("the client goes on", () -> answers().size(), n -> n > asked + 5);
    assertThat(answers()).allSatisfy(answer -> assertThat(answer).endsWith(" v1"));
    assertThat(current().getNumber()).isEqualTo(2);
    canary.assertNoFileOfOursHasIt("marked-dsn");
  }

  private List<String> idsOf(String service) {
    return skep.engines().running(service).stream().map(Engines.Running::id).toList();
  }

  private void create(String name, byte[] value) {
    var _ =
        api.secrets()
            .createSecret(
                CreateSecretRequest.newBuilder()
                    .setName(name)
                    .setValue(ByteString.copyFrom(value))
                    .build());
  }
}
