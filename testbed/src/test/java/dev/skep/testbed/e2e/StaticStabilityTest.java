package dev.skep.testbed.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.ContainerSpec;
import com.github.dockerjava.api.model.Service;
import com.github.dockerjava.api.model.ServiceModeConfig;
import com.github.dockerjava.api.model.ServiceReplicatedModeOptions;
import com.github.dockerjava.api.model.ServiceSpec;
import com.github.dockerjava.api.model.TaskSpec;
import dev.skep.testbed.Await;
import dev.skep.testbed.TestImages;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The control plane is away; what runs runs on and is kept as it should be. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StaticStabilityTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(2);

  private final Api api = skep.api();
  private final Engines engines = skep.engines();
  private String web = "";

  @BeforeEach
  void runAServiceAndLoseTheControlPlane() {
    web = api.run("web", skep.specs().web("v1", 2).build()).getId();
    skep.controlPlane().kill9();
  }

  @AfterEach
  void bringTheControlPlaneBackAndClear() {
    if (!skep.controlPlane().isAlive()) {
      skep.controlPlane().start();
    }
    skep.clear();
  }

  @Test
  void killedContainerIsReplacedAndTheReturnOfTheControlPlaneRestartsNothing() {
    var victim = engines.running(web).getFirst();
    engines.on(victim.host()).killContainerCmd(victim.id()).exec();
    var repaired =
        Await.seconds(30)
            .until(
                "another container stands in for the killed one",
                () -> engines.running(web),
                running -> running.size() == 2 && !running.contains(victim));
    skep.controlPlane().start();
    skep.awaitOnline();
    Await.seconds(30)
        .until(
            "the control plane sees both replicas",
            () -> api.get("web").getStatus().getReplicasRunning(),
            running -> running == 2);
    assertThat(engines.running(web)).isEqualTo(repaired);
  }

  @Test
  void removedSwarmServiceIsMadeAgainByTheAgent() {
    var services = engines.swarmServices(web);
    assertThat(services).hasSize(2);
    var victim = services.getFirst();
    var before = new HashSet<>(engines.running(web));
    engines.onManager().removeServiceCmd(requireNonNull(victim.getId())).exec();
    Await.seconds(30)
        .until(
            "the service is back",
            () -> engines.swarmServices(web),
            now -> names(now).equals(names(services)) && now.stream().noneMatch(victim::equals));
    var after =
        Await.seconds(30)
            .until(
                "another container stands in for the one of the removed service",
                () -> engines.running(web),
                now -> now.size() == 2 && !before.containsAll(now));
    assertThat(after)
        .filteredOn(before::contains)
        .as("the other replica was not touched")
        .hasSize(1);
    skep.controlPlane().start();
    skep.awaitOnline();
  }

  @Test
  void foreignServicesAndContainersAreNeverTouched() throws InterruptedException {
    var image = skep.specs().image(TestImages.sleeper());
    var manager = engines.onManager();
    manager.pullImageCmd(image).start().awaitCompletion();
    var serviceId = requireNonNull(manager.createServiceCmd(foreign(image)).exec().getId());
    var running =
        Await.seconds(30)
            .until(
                "the foreign service runs",
                () ->
                    manager.listContainersCmd().exec().stream()
                        .filter(c -> String.join("", c.getNames()).contains("foreign"))
                        .toList(),
                found -> found.size() == 1)
            .getFirst();
    var version = manager.inspectServiceCmd(serviceId).exec().getVersion();

    // The agents look at everything when they start and when the control plane is back.
    for (var host : List.of("w1", "w2")) {
      skep.agent(host).kill9();
      skep.agent(host).start();
    }
    skep.controlPlane().start();
    skep.awaitOnline();
    api.delete("web");
    engines.awaitNothingOfOurs();

    assertThat(manager.inspectServiceCmd(serviceId).exec().getVersion()).isEqualTo(version);
    assertThat(manager.listContainersCmd().exec())
        .extracting(c -> c.getId())
        .contains(running.getId());
    manager.removeServiceCmd(serviceId).exec();
  }

  private ServiceSpec foreign(String image) {
    var manager = engines.managerHost();
    return new ServiceSpec()
        .withName("foreign")
        .withLabels(java.util.Map.of("team", "other"))
        .withTaskTemplate(
            new TaskSpec()
                .withContainerSpec(new ContainerSpec().withImage(image))
                .withPlacement(
                    new com.github.dockerjava.api.model.ServicePlacement()
                        .withConstraints(List.of("node.hostname==" + manager))))
        .withMode(
            new ServiceModeConfig()
                .withReplicated(new ServiceReplicatedModeOptions().withReplicas(1)));
  }

  private static List<String> names(List<Service> services) {
    return services.stream()
        .map(service -> requireNonNull(requireNonNull(service.getSpec()).getName()))
        .sorted()
        .toList();
  }
}
