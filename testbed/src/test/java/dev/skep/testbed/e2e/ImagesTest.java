package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.TestImage;
import dev.skep.testbed.TestImages;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images on workers: there before anything needs them, and gone when nothing does. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ImagesTest {
  private static final int RELEASES = 12;
  private static final int KEPT = 10;

  @RegisterExtension private final SkepLab skep = SkepLab.start(2);

  private final Api api = skep.api();
  private final Engines engines = skep.engines();

  @AfterEach
  void everyDeletedServiceLeavesNothingInAnyEngine() {
    skep.clear();
  }

  @Test
  void imageIsOnTheWorkerBeforeTheSwarmHearsOfTheService() {
    push("first", 1);
    String manager = engines.managerHost();
    api.run("first", skep.specs().of(image("first", 1), 2).build());

    assertThat(events(manager)).containsSubsequence("image pull", "service create");
  }

  @Test
  void missingImageFailsWithAPlainReasonWhileTheReleaseBeforeGoesOn() {
    api.run("web", skep.specs().web("v1", 2).build());
    Set<String> before = containers("web");
    String missing =
        skep.specs().image(TestImages.web("v1")).replaceFirst(":v1$", "")
            + "@sha256:"
            + "e".repeat(64);
    String id = api.update("web", missing);
    var _ = api.awaitEnd("web");
    Deployment ended =
        api.deployments("web").stream().filter(d -> d.getId().equals(id)).findFirst().orElseThrow();

    assertThat(ended.getState()).isNotEqualTo(DeploymentState.DEPLOYMENT_STATE_RUNNING);
    assertThat(ended.getReason()).contains(missing).contains("does not have the image");
    assertThat(containers("web")).isEqualTo(before);
  }

  @Test
  void imagesOfTheNewestTenReleasesStayAndOnlyWhatWasPulledForOthersGoes() {
    String stranger = push("stranger", 1);
    assertThat(skep.lab().host("w1").exec("docker", "pull", stranger).exitCode()).isZero();
    List<String> pushed = new ArrayList<>();
    for (int release = 1; release <= RELEASES; release++) {
      pushed.add(push("many", release));
    }
    api.run("many", skep.specs().of(image("many", 1), 2).build());
    for (int release = 2; release <= RELEASES; release++) {
      api.update("many", skep.specs().image(image("many", release)));
      api.awaitRunning("many");
    }

    Set<String> kept = new TreeSet<>(pushed.subList(RELEASES - KEPT, RELEASES));
    for (String host : List.of("w1", "w2")) {
      Await.seconds(150)
          .until(
              "the ten newest are on " + host,
              () -> images(host, "/many@"),
              images -> images.equals(kept));
    }
    assertThat(images("w1", "/stranger@")).containsExactly(stranger);
    api.delete("many");
    for (String host : List.of("w1", "w2")) {
      Await.seconds(150).until("none is on " + host, () -> images(host, "/many@"), Set::isEmpty);
    }
    assertThat(images("w1", "/stranger@")).containsExactly(stranger);
  }

  private static TestImage image(String name, int release) {
    return TestImages.sleeper()
        .named(name, "r" + release)
        .environment("RELEASE", Integer.toString(release));
  }

  private String push(String name, int release) {
    return skep.lab().registry().push(image(name, release));
  }

  private Set<String> containers(String service) {
    Set<String> ids = new TreeSet<>();
    engines.running(api.get(service).getId()).forEach(container -> ids.add(container.id()));
    return ids;
  }

  /** Names by digest that hold a part, as the engine lists them. */
  private Set<String> images(String host, String part) {
    Set<String> names = new TreeSet<>();
    engines
        .on(host)
        .listImagesCmd()
        .exec()
        .forEach(
            image -> {
              var digests = image.getRepoDigests();
              if (digests != null) {
                names.addAll(List.of(digests));
              }
            });
    names.removeIf(name -> !name.contains(part));
    return names;
  }

  /** Kind and action of what happened on an engine since it began. */
  private List<String> events(String host) {
    var told =
        skep.lab()
            .host(host)
            .exec(
                "docker",
                "events",
                "--since",
                "10m",
                "--until",
                "0s",
                "--format",
                "{{.Type}} {{.Action}}");
    return told.output().lines().toList();
  }
}
