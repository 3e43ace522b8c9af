package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RenderServiceTest {
  private static Desired.Placement probed(Workload.Check check) {
    var w = Samples.workload();
    var probe =
        new Workload.Probe(check, Duration.ofSeconds(5), Duration.ofSeconds(2), 3, Duration.ZERO);
    return Samples.placement(
        2,
        5,
        new Workload(
            w.image(),
            w.command(),
            w.args(),
            Map.of("B", "{{x}}", "A", "1"),
            w.cpuMillis(),
            w.memoryBytes(),
            List.of(new Workload.Port(80, 8080, "tcp")),
            Optional.of(probe),
            w.stopGracePeriod(),
            w.mounts(),
            w.capabilities(),
            false,
            List.of(),
            List.of()));
  }

  @Test
  void hardeningIsAlwaysThere() {
    var spec = new RenderService(Samples.NEW_ENGINE).render(Samples.placement(), Samples.IDS, 1);
    var container = spec.taskTemplate().containerSpec();
    assertThat(container.capabilityDrop()).containsExactly("ALL");
    assertThat(container.capabilityAdd())
        .isEqualTo(RenderService.DEFAULT_CAPABILITIES)
        .doesNotContain("CAP_NET_RAW");
    assertThat(container.privileges()).isEqualTo(new ServiceSpec.Privileges(true));
    assertThat(container.init()).isTrue();
    assertThat(container.mounts()).isNull();
    assertThat(spec.taskTemplate().resources().limits())
        .isEqualTo(new ServiceSpec.Limits(250_000_000, 64L << 20, 512));
    assertThat(spec.taskTemplate().placement().constraints()).containsExactly("node.id==n1");
    assertThat(spec.taskTemplate().logDriver().options()).containsEntry("max-size", "10m");
  }

  @Test
  void oldEngineIsNotAskedForWhatItDoesNotKnow() {
    var spec =
        new RenderService(Samples.OLD_ENGINE)
            .render(probed(new Workload.Check.Tcp(80)), Samples.IDS, 2);
    var container = spec.taskTemplate().containerSpec();
    assertThat(container.privileges()).isNull();
    assertThat(container.healthcheck())
        .satisfies(
            h -> {
              assertThat(h.startInterval()).isNull();
              assertThat(h.test())
                  .containsExactly(
                      "CMD",
                      "/.skep/busybox",
                      "nc",
                      "-w",
                      "2",
                      "127.0.0.1",
                      "80",
                      "-e",
                      "/.skep/busybox",
                      "true");
            });
    assertThat(container.mounts())
        .containsExactly(
            new ServiceSpec.Mount("bind", "/usr/lib/skep/probe", "/.skep", true, null));
  }

  @Test
  void ownCommandNeedsNoMount() {
    var spec =
        new RenderService(Samples.NEW_ENGINE)
            .render(probed(new Workload.Check.Command(List.of("/check", "$(id)"))), Samples.IDS, 2);
    var container = spec.taskTemplate().containerSpec();
    assertThat(container.mounts()).isNull();
    assertThat(container.env()).containsExactly("A=1", "B={{\"{{\"}}x}}");
    assertThat(container.healthcheck())
        .satisfies(h -> assertThat(h.test()).containsExactly("CMD", "/check", "$(id)"));
    assertThat(spec.updateConfig().parallelism()).isEqualTo(2);
    assertThat(spec.endpointSpec().ports())
        .containsExactly(new ServiceSpec.PortConfig("tcp", 80, 8080, "host"));
  }
}
