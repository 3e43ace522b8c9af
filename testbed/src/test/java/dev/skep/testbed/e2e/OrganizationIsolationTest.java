package dev.skep.testbed.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import dev.skep.testbed.Await;
import dev.skep.testbed.LabHost;
import dev.skep.testbed.TestImages;
import dev.skep.v1.Exposure;
import dev.skep.v1.Port;
import dev.skep.v1.Resources;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a container of one organization can reach of another's, on the same two engines. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OrganizationIsolationTest {
  private static final int HOST_PORT = 18_080;

  @RegisterExtension private final SkepLab skep = SkepLab.start(2);

  private final Api victim = skep.api();
  private final Api prying = new Api(skep.controlPlane(), SecondOrganization.token(skep));

  @BeforeAll
  void run() {
    victim.run("web", skep.specs().web("v1", 2).build());
    prying.run("own", skep.specs().web("v2", 2).build());
    prying.run(
        "probe",
        skep.specs()
            .of(TestImages.sleeper(), 2)
            .setResources(Resources.newBuilder().setCpuMillis(500).setMemoryBytes(256L << 20))
            .build());
  }

  @AfterAll
  void close() {
    prying.close();
  }

  @Test
  void namesAreKnownInsideAnOrganizationOnly() {
    for (Engines.Running probe : probes()) {
      assertThat(shell(probe, fetch("own"))).as("its own").endsWith("v2");
      assertThat(shell(probe, fetch("web"))).as("the other's").isEqualTo("no");
      assertThat(shell(probe, fetch("tasks.web"))).as("the other's tasks").isEqualTo("no");
    }
  }

  @Test
  void addressesOfOthersDoNotAnswer() {
    List<String> theirs = addresses(victim.get("web"));
    List<String> own = addresses(prying.get("own"));
    assertThat(theirs).as("overlay and bridge of two replicas").hasSizeGreaterThanOrEqualTo(4);
    for (Engines.Running probe : probes()) {
      assertThat(open(probe, own)).as("the scan finds what is open").isNotEmpty();
      assertThat(open(probe, theirs)).isEmpty();
    }
  }

  @Test
  void aSweepOfTheirWholeNetworkFindsNothing() {
    String theirs = overlayAddress(victim.get("web"));
    String own = overlayAddress(prying.get("own"));
    Engines.Running probe = probes().getFirst();

    assertThat(sweep(probe, own)).as("the sweep finds what is open").isNotEmpty();
    assertThat(sweep(probe, theirs)).isEmpty();
  }

  @Test
  void internalPortsAreNotOpenOnWorkersAndAFixedPortHasOneOwner() {
    List<String> hosts = skep.lab().hosts().stream().map(LabHost::address).toList();
    for (Engines.Running probe : probes()) {
      assertThat(open(probe, hosts)).isEmpty();
    }
    Port fixed =
        Port.newBuilder()
            .setContainerPort(TestImages.WEB_PORT)
            .setExposure(Exposure.EXPOSURE_HOST)
            .setHostPort(HOST_PORT)
            .build();
    victim.run("public", skep.specs().web("v1", 2).clearPorts().addPorts(fixed).build());
    prying.create("squatter", skep.specs().web("v2", 1).clearPorts().addPorts(fixed).build());

    Service pending =
        Await.seconds(30)
            .until(
                "it is told why",
                () -> prying.get("squatter"),
                s -> !s.getStatus().getReason().isEmpty());
    assertThat(pending.getStatus().getState())
        .isIn(ServiceState.SERVICE_STATE_PENDING, ServiceState.SERVICE_STATE_DEPLOYING);
    assertThat(pending.getStatus().getReason())
        .contains("2 have the host port " + HOST_PORT + " in use")
        .doesNotContain("public");
  }

  @Test
  void theApiKnowsNothingOfOthers() {
    String id = victim.get("web").getId();

    assertThat(prying.listServices()).extracting(Service::getName).doesNotContain("web");
    for (String name : List.of("web", id)) {
      assertThatThrownBy(() -> prying.get(name))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("NOT_FOUND: there is no service \"" + name + "\"");
    }
  }

  private List<Engines.Running> probes() {
    List<Engines.Running> probes = skep.engines().running(prying.get("probe").getId());
    assertThat(probes).as("one on each host").hasSize(2);
    return probes;
  }

  private static String fetch(String name) {
    return "timeout 3 wget -q -O - http://%s:8080/ 2>/dev/null || echo no".formatted(name);
  }

  /** Those of the addresses that accept a connection to the web server's port. */
  private List<String> open(Engines.Running probe, List<String> addresses) {
    String script =
        "for a in %s; do timeout 1 wget -q -O /dev/null http://$a:8080/ 2>/dev/null && echo $a; done; true"
            .formatted(String.join(" ", addresses));
    return shell(probe, script).lines().toList();
  }

  /** The same of the whole /24 around an address. */
  private List<String> sweep(Engines.Running probe, String address) {
    String net = address.substring(0, address.lastIndexOf('.'));
    // Sixty at a time: the container has a limit of memory and of processes.
    String script =
        ("for i in $(seq 1 254); do"
                + " (timeout 2 wget -q -O /dev/null http://%s.$i:8080/ 2>/dev/null && echo $i) &"
                + " [ $((i %% 60)) -ne 0 ] || wait; done; wait")
            .formatted(net);
    return shell(probe, script).lines().toList();
  }

  private String overlayAddress(Service service) {
    return addresses(service).stream().filter(a -> !a.startsWith("172.")).findFirst().orElseThrow();
  }

  /** In every network that the containers of a service are part of. */
  private List<String> addresses(Service service) {
    List<String> addresses = new ArrayList<>();
    for (Engines.Running container : skep.engines().running(service.getId())) {
      var docker = skep.engines().on(container.host());
      var inspected = docker.inspectContainerCmd(container.id()).exec();
      requireNonNull(inspected.getNetworkSettings())
          .getNetworks()
          .values()
          .forEach(network -> addresses.add(requireNonNull(network.getIpAddress())));
      var bridge = docker.inspectNetworkCmd().withNetworkId("docker_gwbridge").exec();
      var there = requireNonNull(requireNonNull(bridge.getContainers()).get(container.id()));
      addresses.add(requireNonNull(there.getIpv4Address()).replaceAll("/.*", ""));
    }
    return addresses;
  }

  private String shell(Engines.Running container, String script) {
    var docker = skep.engines().on(container.host());
    var exec =
        docker
            .execCreateCmd(container.id())
            .withCmd("/bin/sh", "-c", script)
            .withAttachStdout(true)
            .exec();
    var output = new ByteArrayOutputStream();
    try {
      boolean ended =
          docker
              .execStartCmd(exec.getId())
              .exec(
                  new ResultCallback.Adapter<Frame>() {
                    @Override
                    public void onNext(Frame frame) {
                      output.writeBytes(frame.getPayload());
                    }
                  })
              .awaitCompletion(60, TimeUnit.SECONDS);
      assertThat(ended).as(script).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return output.toString(UTF_8).strip();
  }
}
