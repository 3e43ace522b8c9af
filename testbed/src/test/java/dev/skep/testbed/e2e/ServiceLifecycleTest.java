package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.TestImages;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.Exposure;
import dev.skep.v1.LogLine;
import dev.skep.v1.Port;
import dev.skep.v1.RestartServiceRequest;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import dev.skep.v1.StartServiceRequest;
import dev.skep.v1.StopServiceRequest;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What users do with services, from the first worker to the last trace. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServiceLifecycleTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  private final Api api = skep.api();
  private final Engines engines = skep.engines();

  @AfterEach
  void everyDeletedServiceLeavesNothingInAnyEngine() {
    skep.clear();
  }

  @Test
  void workersThatEnrolWithATokenFormOneSwarm() {
    Await.seconds(30).until("three nodes are ready", engines::readyNodes, nodes -> nodes == 3);
    assertThat(api.listWorkers())
        .extracting(worker -> worker.getName())
        .containsExactlyInAnyOrder("w1", "w2", "w3");
    assertThat(api.listWorkers())
        .extracting(worker -> worker.getFacts().getSwarmNodeId())
        .doesNotHaveDuplicates();
  }

  @Test
  void replicasSpreadEvenlyAndEachIsReachedByNameInTheOrganizationsNetwork() {
    var web = api.run("web", skep.specs().web("v1", 5).build());
    assertThat(engines.spread(web.getId()).values()).containsExactlyInAnyOrder(2, 2, 1);
    assertThat(web.getStatus().getReplicasRunning()).isEqualTo(5);

    api.run("client", skep.specs().client("web").build());
    var expected = hostNames(web);
    Await.seconds(60)
        .until(
            "every replica has answered the client",
            () -> answers("client", " v1"),
            answers -> answers.equals(expected));

    var survivors = ids(web);
    var _ =
        api.services()
            .scaleService(
                ScaleServiceRequest.newBuilder().setService("web").setReplicas(2).build());
    api.awaitRunning("web");
    var left = Await.seconds(30).until("two are left", () -> ids(web), ids -> ids.size() == 2);
    assertThat(survivors).as("what stays is not touched").containsAll(left);
  }

  @Test
  void updateReplacesEveryReplicaByTheNewReleaseAndTheOldAreGone() {
    var before = api.run("web", skep.specs().web("v1", 3).build());
    var old = ids(before);
    var _ = api.update("web", skep.specs().image(TestImages.web("v2")));
    var after = api.awaitRunning("web");
    assertThat(after.getStatus().getRelease().getNumber()).isEqualTo(2);
    assertThat(after.getStatus().getReplicasRunning()).isEqualTo(3);
    awaitReplaced(after, old, 3);
    var image = skep.specs().image(TestImages.web("v2")).replaceFirst(":v2$", "");
    var digest = after.getStatus().getRelease().getImageDigest();
    assertThat(engines.running(after.getId()))
        .extracting(Engines.Running::image)
        .containsOnly(image + "@" + digest);
    Await.seconds(30)
        .until(
            "only replicas of release 2 are listed",
            () -> api.get("web").getStatus().getReplicasList(),
            now -> now.size() == 3 && now.stream().allMatch(r -> r.getReleaseNumber() == 2));
  }

  @Test
  void whatATemplateMakesRuns() {
    var made =
        api.templates()
            .deployTemplate(
                DeployTemplateRequest.newBuilder()
                    .setTemplate("skep.whoami")
                    .setName("hello")
                    .putVariables("IMAGE", skep.specs().image(TestImages.web("v1")))
                    .build());

    assertThat(made.getServicesList()).extracting(Service::getName).containsExactly("hello");
    assertThat(api.awaitRunning("hello").getStatus().getReplicasRunning()).isEqualTo(1);
  }

  @Test
  void hostPortAnswersAtTheAddressOfItsWorker() {
    var spec = skep.specs().web("v1", 1);
    var port =
        Port.newBuilder()
            .setContainerPort(TestImages.WEB_PORT)
            .setExposure(Exposure.EXPOSURE_HOST)
            .setHostPort(18080);
    var web = api.run("edge", spec.setPorts(0, port).build());
    var worker = web.getStatus().getReplicas(0).getWorkerName();
    var address = skep.lab().host(worker).address() + ":18080";
    assertThat(web.getStatus().getUrlsList()).containsExactly("http://" + address);
    assertThat(skep.get("http://" + address + "/"))
        .isEqualTo(hostNames(web).iterator().next() + " v1");
  }

  @Test
  void restartReplacesEveryContainer() {
    var web = api.run("web", skep.specs().web("v1", 2).build());
    var old = ids(web);
    var _ =
        api.services().restartService(RestartServiceRequest.newBuilder().setService("web").build());
    api.awaitRunning("web");
    awaitReplaced(web, old, 2);
  }

  @Test
  void stoppedServiceHasNoContainerUntilItIsStartedAgain() {
    var web = api.run("web", skep.specs().web("v1", 2).build());
    var _ = api.services().stopService(StopServiceRequest.newBuilder().setService("web").build());
    Await.seconds(60).until("no container runs", () -> ids(web), Set::isEmpty);
    assertThat(api.get("web").getStatus().getState()).isEqualTo(ServiceState.SERVICE_STATE_STOPPED);
    var _ = api.services().startService(StartServiceRequest.newBuilder().setService("web").build());
    api.awaitRunning("web");
    assertThat(ids(web)).hasSize(2);
  }

  @Test
  void deletedServiceLeavesNothingInAnyEngine() {
    var web = api.run("web", skep.specs().web("v1", 3).build());
    assertThat(engines.ours()).as("the witness sees something").hasSizeGreaterThan(3);
    api.delete("web");
    engines.awaitNothingOfOurs();
    assertThat(api.listServices()).extracting(Service::getId).doesNotContain(web.getId());
  }

  /** An old replica is told to stop when its successor is healthy, and takes a few seconds. */
  private void awaitReplaced(Service service, Set<String> old, int replicas) {
    var left =
        Await.seconds(30)
            .until("the old replicas are gone", () -> ids(service), ids -> ids.size() == replicas);
    assertThat(left).doesNotContainAnyElementsOf(old);
  }

  private Set<String> ids(Service service) {
    return engines.running(service.getId()).stream()
        .map(Engines.Running::id)
        .collect(Collectors.toSet());
  }

  /** Host names of its containers: their ids, shortened. */
  private Set<String> hostNames(Service service) {
    return ids(service).stream().map(id -> id.substring(0, 12)).collect(Collectors.toSet());
  }

  /** The first words of the lines that end like this. */
  private Set<String> answers(String service, String end) {
    List<LogLine> lines = api.allLogs(service);
    assertThat(lines).isSortedAccordingTo(Comparator.comparingLong(LogLine::getCursor));
    return lines.stream()
        .map(LogLine::getText)
        .filter(text -> text.endsWith(end))
        .map(text -> text.substring(0, text.length() - end.length()))
        .collect(Collectors.toSet());
  }
}
