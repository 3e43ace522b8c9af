package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NextStepTest {
  private final NextStep next =
      new NextStep(new RenderService(Samples.OLD_ENGINE), NextStepTest::fingerprint);

  /** Record equality in place of a digest. */
  private static Fingerprint fingerprint(ServiceSpec s) {
    return new Fingerprint(
        s.name() + s.labels() + s.taskTemplate() + s.mode() + s.endpointSpec(),
        s.taskTemplate().toString());
  }

  private static final Optional<Observed.Network> NETWORK =
      Optional.of(
          new Observed.Network(
              "net1",
              "skep-o1",
              "10.88.0.0/24",
              Map.of(Labels.NETWORK, "n1", Labels.ORGANIZATION, "o1", Labels.GENERATION, "1")));

  private static Observed.Service applied(Desired.Placement p, long containerGeneration) {
    var spec = new RenderService(Samples.OLD_ENGINE).render(p, "net1", containerGeneration);
    return new Observed.Service(
        "svc1",
        5,
        spec.name(),
        spec.labels(),
        spec.taskTemplate().containerSpec().labels(),
        fingerprint(spec));
  }

  private Step step(Desired.Placement wanted, Optional<Observed.Service> seen) {
    return next.placement(wanted, seen, NETWORK, Optional.empty());
  }

  @Test
  void absentImageIsPulledAndOneThatIsThereIsSettled() {
    String name = "docker.io/library/nginx@sha256:" + "a".repeat(64);
    var wanted = new Desired.Image("image/" + name, 1, name);
    assertThat(next.image(wanted, false)).isEqualTo(new Step.PullImage(name));
    assertThat(next.image(wanted, true)).isInstanceOf(Step.Settled.class);
  }

  @Test
  void imageThatMayBeAnotherTomorrowIsRefused() {
    for (String name : List.of("nginx", "docker.io/library/nginx:1", "a b@sha256:00", "../x")) {
      assertThat(next.image(new Desired.Image("image/" + name, 1, name), false))
          .isInstanceOfSatisfying(
              Step.Refuse.class, r -> assertThat(r.code()).isEqualTo("policy_violation"));
    }
  }

  @Test
  void absentServiceIsCreatedWithItsFingerprint() {
    assertThat(step(Samples.placement(), Optional.empty()))
        .isInstanceOfSatisfying(
            Step.CreateService.class,
            s -> {
              assertThat(s.spec().labels()).containsKey(Labels.SPEC);
              assertThat(s.spec().taskTemplate().containerSpec().labels())
                  .doesNotContainKey(Labels.SPEC);
            });
  }

  @Test
  void sameServiceIsSettled() {
    var p = Samples.placement();
    assertThat(step(p, Optional.of(applied(p, 1)))).isInstanceOf(Step.Settled.class);
  }

  @Test
  void olderGenerationIsNeverApplied() {
    var newer = applied(Samples.placement(9, 1, Samples.workload()), 9);
    assertThat(step(Samples.placement(), Optional.of(newer)))
        .isInstanceOfSatisfying(
            Step.Wait.class, w -> assertThat(w.code()).isEqualTo("newer_generation"));
  }

  @Test
  void moreReplicasKeepTheContainersThatRun() {
    var seen = applied(Samples.placement(1, 1, Samples.workload()), 1);
    assertThat(step(Samples.placement(2, 3, Samples.workload()), Optional.of(seen)))
        .isInstanceOfSatisfying(
            Step.UpdateService.class,
            u -> {
              var containers = u.spec().taskTemplate().containerSpec().labels();
              assertThat(containers).containsEntry(Labels.GENERATION, "1");
              assertThat(u.spec().labels()).containsEntry(Labels.GENERATION, "2");
              assertThat(u.generation()).isEqualTo(2);
            });
  }

  @Test
  void otherContentReplacesTheContainers() {
    var seen = applied(Samples.placement(1, 1, Samples.workload()), 1);
    var w = Samples.placement(p -> p).workload();
    var other =
        new Workload(
            "sha256:" + "b".repeat(64),
            w.command(),
            w.args(),
            w.env(),
            w.cpuMillis(),
            w.memoryBytes(),
            w.ports(),
            w.probe(),
            w.stopGracePeriod(),
            w.mounts(),
            w.capabilities(),
            w.privileged());
    assertThat(step(Samples.placement(2, 1, other), Optional.of(seen)))
        .isInstanceOfSatisfying(
            Step.UpdateService.class,
            u ->
                assertThat(u.spec().taskTemplate().containerSpec().labels())
                    .containsEntry(Labels.GENERATION, "2"));
  }

  @Test
  void editedServiceIsRepairedOnceWhenTheEngineKeepsItsOwnWords() {
    var p = Samples.placement();
    var seen = applied(p, 1);
    var edited =
        new Observed.Service(
            seen.id(),
            6,
            seen.name(),
            seen.labels(),
            seen.containerLabels(),
            new Fingerprint("other", "other"));
    assertThat(step(p, Optional.of(edited))).isInstanceOf(Step.UpdateService.class);
    var accepted = Optional.of(new NextStep.Accepted(seen.actual().whole(), "other"));
    assertThat(next.placement(p, Optional.of(edited), NETWORK, accepted))
        .isInstanceOf(Step.Settled.class);
  }

  @Test
  void withoutItsNetworkAPlacementWaits() {
    assertThat(
            next.placement(
                Samples.placement(), Optional.empty(), Optional.empty(), Optional.empty()))
        .isInstanceOfSatisfying(
            Step.Wait.class, w -> assertThat(w.code()).isEqualTo("network_missing"));
  }

  @Test
  void networkWithAnotherSubnetIsMadeAgainAndAnUnallocatedOneIsNot() {
    var there = NETWORK.orElseThrow();
    var other = new Observed.Network("net1", "skep-o1", "10.1.0.0/24", there.labels());
    var young = new Observed.Network("net1", "skep-o1", "", there.labels());
    assertThat(next.network(Samples.network(1), NETWORK)).isInstanceOf(Step.Settled.class);
    assertThat(next.network(Samples.network(1), Optional.of(young)))
        .isInstanceOf(Step.Settled.class);
    assertThat(next.network(Samples.network(2), Optional.of(other)))
        .isInstanceOf(Step.RemoveNetwork.class);
  }

  private static Observed.Swarm swarm(String state, boolean manager, String... managers) {
    return new Observed.Swarm(state, "n1", "c1", manager, "10.0.0.1:2377", List.of(managers), null);
  }

  @Test
  void swarmIsMadeJoinedAdoptedOrLeftAlone() {
    var make = new Desired.Swarm("swarm", 1, List.of(), "");
    var join = new Desired.Swarm("swarm", 1, List.of("10.0.0.9:2377"), "token");
    assertThat(next.swarm(make, swarm("inactive", false))).isInstanceOf(Step.InitSwarm.class);
    assertThat(next.swarm(make, swarm("active", true))).isInstanceOf(Step.Settled.class);
    assertThat(next.swarm(make, swarm("active", false))).isInstanceOf(Step.Refuse.class);
    assertThat(next.swarm(join, swarm("inactive", false))).isInstanceOf(Step.JoinSwarm.class);
    assertThat(next.swarm(join, swarm("active", false, "10.0.0.9:2377")))
        .isInstanceOf(Step.Settled.class);
    assertThat(next.swarm(join, swarm("active", false, "10.0.0.7:2377")))
        .isInstanceOf(Step.Refuse.class);
    assertThat(next.swarm(join, swarm("locked", false))).isInstanceOf(Step.Wait.class);
  }
}
