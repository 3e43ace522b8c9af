package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.engine.FakeEngine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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
    var spec = new RenderService(Samples.OLD_ENGINE).render(p, Samples.IDS, containerGeneration);
    return new Observed.Service(
        "svc1",
        5,
        spec.name(),
        spec.labels(),
        spec.taskTemplate().containerSpec().labels(),
        fingerprint(spec));
  }

  private Step step(Desired.Placement wanted, Optional<Observed.Service> seen) {
    return next.placement(wanted, seen, new Ground(NETWORK, Map.of()), Optional.empty());
  }

  private static Observed.Secret secret(String organization) {
    return new Observed.Secret(
        "sec1", "skep-db-v1", Map.of(Labels.SECRET, "s1", Labels.ORGANIZATION, organization));
  }

  private Step withSecret(Workload workload, Map<String, Observed.Secret> there) {
    return next.placement(
        Samples.placement(1, 1, workload),
        Optional.empty(),
        new Ground(NETWORK, there),
        Optional.empty());
  }

  @Test
  void serviceWaitsForItsSecretsAndNeverGetsSomebodyElses() {
    var workload = Samples.withSecrets("skep-db-v1");
    assertThat(withSecret(workload, Map.of()))
        .isInstanceOfSatisfying(
            Step.Wait.class,
            w -> {
              assertThat(w.code()).isEqualTo("secret_missing");
              assertThat(w.message()).contains("/run/secrets/db", "skep-db-v1");
            });
    assertThat(withSecret(workload, Map.of("skep-db-v1", secret("o2"))))
        .isInstanceOf(Step.Refuse.class);
    assertThat(withSecret(workload, Map.of("skep-db-v1", secret("o1"))))
        .isInstanceOfSatisfying(
            Step.CreateService.class,
            s ->
                assertThat(s.spec().taskTemplate().containerSpec().secrets())
                    .containsExactly(
                        new ServiceSpec.SecretReference(
                            "sec1",
                            "skep-db-v1",
                            new ServiceSpec.SecretTarget("/run/secrets/db", "1", "2", 0400))));
  }

  @Test
  void secretThatCannotBeOpenedHoldsUpChangesButNotWhatRuns() {
    var unreadable = Samples.unreadable("db");
    assertThat(withSecret(unreadable, Map.of()))
        .isInstanceOfSatisfying(
            Step.Wait.class, w -> assertThat(w.code()).isEqualTo("secret_unreadable"));
    var signed = new RenderService(Samples.OLD_ENGINE).render(Samples.placement(), Samples.IDS, 1);
    var running =
        new Observed.Service(
            "svc1",
            5,
            signed.name(),
            signed.withLabel(Labels.SPEC, fingerprint(signed).whole()).labels(),
            signed.taskTemplate().containerSpec().labels(),
            fingerprint(signed));
    assertThat(step(Samples.placement(1, 1, unreadable), Optional.of(running)))
        .isInstanceOf(Step.Settled.class);
    assertThat(step(Samples.placement(2, 1, unreadable), Optional.of(running)))
        .isInstanceOf(Step.Wait.class);
  }

  @Test
  void secretIsMadeOnceAndOnlyWithAValueAndAPlainName() {
    var wanted = Samples.secret("skep-db-v1", "x");
    assertThat(next.secret(wanted, Optional.empty())).isEqualTo(new Step.CreateSecret(wanted));
    assertThat(next.secret(wanted, Optional.of(secret("o1")))).isInstanceOf(Step.Settled.class);
    assertThat(next.secret(wanted, Optional.of(secret("o2"))))
        .isInstanceOf(Step.RemoveSecret.class);
    assertThat(next.secret(Samples.secret("skep-db-v1", ""), Optional.empty()))
        .isInstanceOf(Step.Wait.class);
    for (String name : List.of("db", "skep-db", "skep-../x-v1")) {
      assertThat(next.secret(Samples.secret(name, "x"), Optional.empty()))
          .isInstanceOf(Step.Refuse.class);
    }
    assertThat(next.secret(Samples.secret("skep-db-v1", "x".repeat(512_001)), Optional.empty()))
        .isInstanceOf(Step.Refuse.class);
    assertThat(wanted.toString()).contains("skep-db-v1").doesNotContain("value=x");
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
  void whatAnotherAgentOfOursSentForTheSameWishIsLeftAsItIs() {
    var wanted = Samples.placement();
    var other =
        new RenderService(Samples.NEW_ENGINE).render(wanted, Samples.IDS, wanted.generation());
    var signed =
        new Observed.Service(
            "svc1",
            5,
            other.name(),
            other.withLabel(Labels.SPEC, fingerprint(other).whole()).labels(),
            other.taskTemplate().containerSpec().labels(),
            fingerprint(other));
    assertThat(fingerprint(other)).isNotEqualTo(applied(wanted, 1).actual());

    assertThat(step(wanted, Optional.of(signed))).isInstanceOf(Step.Settled.class);
    var changed =
        new Observed.Service(
            "svc1",
            6,
            signed.name(),
            signed.labels(),
            signed.containerLabels(),
            new Fingerprint("x", "y"));
    assertThat(step(wanted, Optional.of(changed))).isInstanceOf(Step.UpdateService.class);
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
            w.privileged(),
            w.secretFiles(),
            w.unreadableSecrets());
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
    assertThat(next.placement(p, Optional.of(edited), new Ground(NETWORK, Map.of()), accepted))
        .isInstanceOf(Step.Settled.class);
  }

  @Test
  void withoutItsNetworkAPlacementWaits() {
    assertThat(
            next.placement(
                Samples.placement(),
                Optional.empty(),
                new Ground(Optional.empty(), Map.of()),
                Optional.empty()))
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
    var make = new Desired.Swarm("swarm", 1, List.of(), "", "", false);
    var join = new Desired.Swarm("swarm", 1, List.of("10.0.0.9:2377"), "token", "", false);
    assertThat(swarmStep(make, swarm("inactive", false))).isInstanceOf(Step.InitSwarm.class);
    assertThat(swarmStep(make, swarm("active", true))).isInstanceOf(Step.Settled.class);
    assertThat(swarmStep(make, swarm("active", false))).isInstanceOf(Step.Refuse.class);
    assertThat(swarmStep(join, swarm("inactive", false))).isInstanceOf(Step.JoinSwarm.class);
    assertThat(swarmStep(join, swarm("active", false, "10.0.0.9:2377")))
        .isInstanceOf(Step.Settled.class);
    assertThat(swarmStep(join, swarm("active", false, "10.0.0.7:2377")))
        .isInstanceOf(Step.Refuse.class);
    assertThat(swarmStep(join, swarm("locked", false))).isInstanceOf(Step.Wait.class);
  }

  private Step swarmStep(Desired.Swarm wanted, Observed.Swarm seen) {
    return next.swarm(wanted, seen, OptionalLong.of(1));
  }

  @Test
  void aSwarmIsLeftOnlyByTheNodeThatHasToForgetIt() {
    var forget = new Desired.Swarm("swarm", 1, List.of("10.0.0.9:2377"), "token", "n1", false);
    var other = new Desired.Swarm("swarm", 1, List.of("10.0.0.9:2377"), "token", "n2", false);

    assertThat(swarmStep(forget, swarm("active", true, "10.0.0.7:2377")))
        .isInstanceOf(Step.LeaveSwarm.class);
    assertThat(swarmStep(forget, swarm("pending", true))).isInstanceOf(Step.LeaveSwarm.class);
    assertThat(swarmStep(other, swarm("active", false, "10.0.0.9:2377")))
        .isInstanceOf(Step.Settled.class);
    assertThat(
            swarmStep(forget, new Observed.Swarm("inactive", "", "", false, "", List.of(), null)))
        .isInstanceOf(Step.JoinSwarm.class);
  }

  @Test
  void aManagerRecoversUntilItIsTheOnlyOne() {
    var recover = new Desired.Swarm("swarm", 1, List.of("10.0.0.1:2377"), "token", "", true);
    var member = swarm("active", true, "10.0.0.1:2377");

    assertThat(next.swarm(recover, member, OptionalLong.empty()))
        .isInstanceOf(Step.RecoverSwarm.class);
    assertThat(next.swarm(recover, member, OptionalLong.of(3)))
        .isInstanceOf(Step.RecoverSwarm.class);
    assertThat(next.swarm(recover, member, OptionalLong.of(1))).isInstanceOf(Step.Settled.class);
  }

  @Test
  void theOwnerClaimsTheSwarmBeforeItChangesANode() {
    var wanted = control(4, Set.of("n2"), Set.of(), Set.of());
    var nodes =
        List.of(FakeEngine.node("n1", "ready", true), FakeEngine.node("n2", "ready", false));

    assertThat(next.control(wanted, 3, nodes)).isEqualTo(new Step.ClaimSwarm(4));
    assertThat(next.control(wanted, 4, nodes)).isEqualTo(new Step.PromoteNode("n2"));
    assertThat(next.control(wanted, 5, nodes)).isInstanceOf(Step.Wait.class);
  }

  @Test
  void aDeadNodeIsDemotedThenForgottenAndALivingOneIsNot() {
    var wanted = control(1, Set.of("n1"), Set.of("n3"), Set.of("n2"));
    var one = FakeEngine.node("n1", "ready", true);

    assertThat(control(wanted, one, FakeEngine.node("n2", "down", true)))
        .isEqualTo(new Step.DemoteNode("n2"));
    assertThat(control(wanted, one, FakeEngine.node("n2", "down", false)))
        .isEqualTo(new Step.RemoveNode("n2"));
    assertThat(control(wanted, one, FakeEngine.node("n2", "ready", false)))
        .isInstanceOf(Step.Settled.class);
    assertThat(control(wanted, one, FakeEngine.node("n3", "ready", true)))
        .isEqualTo(new Step.DemoteNode("n3"));
    assertThat(control(wanted, one, FakeEngine.node("n4", "down", true)))
        .as("nobody spoke of it")
        .isInstanceOf(Step.Settled.class);
  }

  private Step control(Desired.Control wanted, Observed.Node... nodes) {
    return next.control(wanted, wanted.ownerEpoch(), List.of(nodes));
  }

  private static Desired.Control control(
      long epoch, Set<String> managers, Set<String> workers, Set<String> gone) {
    return new Desired.Control("control", 1, epoch, managers, workers, gone);
  }
}
