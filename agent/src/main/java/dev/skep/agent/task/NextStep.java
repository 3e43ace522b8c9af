package dev.skep.agent.task;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Compares one wanted object with what is there and says the one next step. */
public final class NextStep {
  /** Code of a placement that waits for a Swarm secret. */
  public static final String SECRET_MISSING = "secret_missing";

  private final RenderService renderer;
  private final Function<ServiceSpec, Fingerprint> fingerprints;

  public NextStep(RenderService renderer, Function<ServiceSpec, Fingerprint> fingerprints) {
    this.renderer = renderer;
    this.fingerprints = fingerprints;
  }

  /**
   * The step for a placement.
   *
   * @param settledAs what the engine made of this very spec before; an engine that adds defaults of
   *     its own would else be corrected for ever
   */
  public Step placement(
      Desired.Placement wanted,
      Optional<Observed.Service> seen,
      Ground ground,
      Optional<Accepted> settledAs) {
    var violation = WorkloadPolicy.violation(wanted);
    if (violation.isPresent()) {
      return new Step.Refuse("policy_violation", violation.get());
    }
    if (seen.map(Observed.Service::generation).orElse(0L) > wanted.generation()) {
      return newer(seen.get().generation(), wanted.generation());
    }
    if (ground.network().isEmpty()) {
      return new Step.Wait(
          "network_missing", "the network " + wanted.networkObjectName() + " is not there yet");
    }
    if (seen.isEmpty()) {
      return missing(wanted, ground).orElseGet(() -> create(wanted, ids(wanted, ground)));
    }
    if (!seen.get().name().equals(wanted.objectName())) {
      // Swarm cannot rename; the name is free again once this one is gone.
      return new Step.RemoveService(seen.get());
    }
    if (untouched(seen.get()) && seen.get().generation() == wanted.generation()) {
      return new Step.Settled();
    }
    return missing(wanted, ground)
        .orElseGet(() -> update(wanted, seen.get(), ids(wanted, ground), settledAs));
  }

  private Step create(Desired.Placement wanted, RenderService.Ids ids) {
    var spec = renderer.render(wanted, ids, wanted.generation());
    return new Step.CreateService(signed(spec, fingerprints.apply(spec)));
  }

  private static RenderService.Ids ids(Desired.Placement wanted, Ground ground) {
    var secrets = new TreeMap<String, String>();
    for (var file : wanted.workload().secretFiles()) {
      Optional.ofNullable(ground.secrets().get(file.objectName()))
          .ifPresent(s -> secrets.put(s.name(), s.id()));
    }
    return new RenderService.Ids(ground.network().map(Observed.Network::id).orElse(""), secrets);
  }

  /** Nothing starts without its secrets, nor with those of somebody else. */
  private static Optional<Step> missing(Desired.Placement wanted, Ground ground) {
    var workload = wanted.workload();
    if (!workload.unreadableSecrets().isEmpty()) {
      return Optional.of(
          new Step.Wait(
              "secret_unreadable",
              "the control plane cannot open the secret "
                  + workload.unreadableSecrets().getFirst()
                  + "; its log says why"));
    }
    for (var file : workload.secretFiles()) {
      var there = Optional.ofNullable(ground.secrets().get(file.objectName()));
      if (there.isEmpty()) {
        return Optional.of(
            new Step.Wait(
                SECRET_MISSING,
                "the secret for "
                    + file.path()
                    + " ("
                    + file.objectName()
                    + ") is not in the Swarm yet"));
      }
      if (!there.get().organizationId().equals(wanted.organizationId())) {
        return Optional.of(
            new Step.Refuse(
                "policy_violation",
                "the secret " + file.objectName() + " belongs to another organization"));
      }
    }
    return Optional.empty();
  }

  private Step update(
      Desired.Placement wanted,
      Observed.Service seen,
      RenderService.Ids ids,
      Optional<Accepted> settledAs) {
    var spec = renderer.render(wanted, ids, wanted.generation());
    var fingerprint = fingerprints.apply(spec);
    if (seen.containerGeneration() < wanted.generation()) {
      var keeping = renderer.render(wanted, ids, seen.containerGeneration());
      var kept = fingerprints.apply(keeping);
      if (kept.template().equals(seen.actual().template())) {
        spec = keeping;
        fingerprint = kept;
      }
    }
    boolean same = fingerprint.whole().equals(seen.actual().whole());
    boolean accepted =
        settledAs
            .filter(new Accepted(fingerprint.whole(), seen.actual().whole())::equals)
            .isPresent();
    return same || accepted
        ? new Step.Settled()
        : new Step.UpdateService(seen.id(), wanted.generation(), signed(spec, fingerprint));
  }

  /**
   * Whether it is as some agent of ours sent it. Another one, with another engine or of another
   * version, may write the same wish down differently; that is no reason to restart anything.
   */
  private static boolean untouched(Observed.Service seen) {
    return seen.actual().whole().equals(seen.labels().get(Labels.SPEC));
  }

  private static ServiceSpec signed(ServiceSpec spec, Fingerprint fingerprint) {
    return spec.withLabel(Labels.SPEC, fingerprint.whole());
  }

  /** The step for a network. A network cannot be changed, only made again. */
  public Step network(Desired.Network wanted, Optional<Observed.Network> seen) {
    if (seen.isEmpty()) {
      return new Step.CreateNetwork(wanted);
    }
    var there = seen.get();
    if (there.generation() > wanted.generation()) {
      return newer(there.generation(), wanted.generation());
    }
    // A network that Swarm has not allocated yet shows no subnet.
    boolean subnet = there.subnet().isEmpty() || there.subnet().equals(wanted.subnet());
    boolean right =
        there.name().equals(wanted.objectName())
            && subnet
            && Objects.equals(there.labels().get(Labels.ORGANIZATION), wanted.organizationId());
    return right ? new Step.Settled() : new Step.RemoveNetwork(there);
  }

  /** The step for a secret. What is in one cannot be seen; its name says which version it is. */
  public Step secret(Desired.Secret wanted, Optional<Observed.Secret> seen) {
    var violation = WorkloadPolicy.violation(wanted);
    if (violation.isPresent()) {
      return new Step.Refuse("policy_violation", violation.get());
    }
    if (seen.isPresent()) {
      return seen.get().organizationId().equals(wanted.organizationId())
          ? new Step.Settled()
          : new Step.RemoveSecret(seen.get());
    }
    return wanted.value().size() == 0
        ? new Step.Wait("secret_unreadable", "the control plane cannot tell its value now")
        : new Step.CreateSecret(wanted);
  }

  /** The step for an image. */
  public Step image(Desired.Image wanted, boolean there) {
    if (!ImageName.isPinned(wanted.image())) {
      return new Step.Refuse(
          "policy_violation", "an image is named like name@sha256:…, not " + wanted.image());
    }
    return there ? new Step.Settled() : new Step.PullImage(wanted.image());
  }

  /**
   * The step for a volume that was given up.
   *
   * @param gone whether it was deleted, or was not there
   */
  public Step noVolume(Desired.NoVolume wanted, boolean gone) {
    if (!WorkloadPolicy.isVolumeName(wanted.objectName())) {
      return new Step.Refuse(
          "policy_violation", "only volumes named skep-<id> are deleted, not " + wanted.id());
    }
    return gone ? new Step.Settled() : new Step.RemoveVolume(wanted.objectName());
  }

  /**
   * The step for the membership of a Swarm; it leaves one only by the name of the node that it has
   * to forget.
   *
   * @param managers how many managers the Swarm has, as far as it answers
   */
  public Step swarm(Desired.Swarm wanted, Observed.Swarm seen, OptionalLong managers) {
    if (!seen.nodeId().isEmpty() && seen.nodeId().equals(wanted.forgetNodeId())) {
      return new Step.LeaveSwarm();
    }
    if (wanted.recover() && seen.active() && seen.manager() && managers.orElse(0) != 1) {
      return new Step.RecoverSwarm();
    }
    return switch (seen.localState()) {
      case "active" -> member(wanted, seen);
      case "inactive" ->
          wanted.managerAddresses().isEmpty()
              ? new Step.InitSwarm()
              : new Step.JoinSwarm(wanted.managerAddresses(), wanted.joinToken());
      case "locked" ->
          new Step.Wait("swarm_locked", "the Swarm is locked; unlock it on the machine");
      case "pending" -> new Step.Wait("swarm_pending", "the engine is still joining the Swarm");
      default ->
          new Step.Wait(
              "swarm_error", Objects.requireNonNullElse(seen.error(), "the engine's Swarm failed"));
    };
  }

  private static Step member(Desired.Swarm wanted, Observed.Swarm seen) {
    if (wanted.managerAddresses().isEmpty()) {
      return seen.manager()
          ? new Step.Settled()
          : new Step.Refuse(
              "other_swarm", "this engine is already a worker of a Swarm and cannot make one");
    }
    boolean known =
        wanted.managerAddresses().stream()
            .anyMatch(a -> seen.managerAddresses().stream().anyMatch(b -> host(a).equals(host(b))));
    return known
        ? new Step.Settled()
        : new Step.Refuse(
            "other_swarm",
            "this engine is in a Swarm with managers "
                + seen.managerAddresses()
                + ", not in that of "
                + List.copyOf(wanted.managerAddresses())
                + "; \"docker swarm leave\" on the machine frees it");
  }

  /** The step for the Swarm's nodes: one after the other, those that help the quorum first. */
  public Step control(Desired.Control wanted, long ownerEpoch, List<Observed.Node> nodes) {
    if (ownerEpoch < wanted.ownerEpoch()) {
      return new Step.ClaimSwarm(wanted.ownerEpoch());
    }
    return owner(wanted.ownerEpoch(), ownerEpoch).orElseGet(() -> nodes(wanted, nodes));
  }

  private static Step nodes(Desired.Control wanted, List<Observed.Node> nodes) {
    return Stream.of(
            first(nodes, n -> !n.managerRole() && wanted.managers().contains(n.id()))
                .map(Step.PromoteNode::new),
            first(nodes, n -> n.managerRole() && wanted.gone().contains(n.id()))
                .map(Step.DemoteNode::new),
            first(nodes, n -> n.managerRole() && wanted.workers().contains(n.id()))
                .map(Step.DemoteNode::new),
            first(nodes, n -> forgettable(n) && wanted.gone().contains(n.id()))
                .map(Step.RemoveNode::new))
        .flatMap(Optional<? extends Step>::stream)
        .map(Step.class::cast)
        .findFirst()
        .orElseGet(Step.Settled::new);
  }

  private static Optional<String> first(List<Observed.Node> nodes, Predicate<Observed.Node> which) {
    return nodes.stream().filter(which).map(Observed.Node::id).findFirst();
  }

  private static boolean forgettable(Observed.Node node) {
    return node.state().equals("down") && !node.managerRole() && !node.manager();
  }

  /**
   * Why an agent leaves the Swarm's objects alone; empty when it is the one that may change them.
   *
   * @param ours epoch in which we may, 0 for none
   * @param there epoch that stands on the Swarm, 0 for none
   */
  public static Optional<Step> owner(long ours, long there) {
    if (ours == there) {
      return Optional.empty();
    }
    return Optional.of(
        ours < there
            ? new Step.Wait(
                "newer_owner",
                "another agent changes the Swarm, in epoch " + there + " after " + ours)
            : new Step.Wait("claiming", "the Swarm is not told yet that this agent changes it"));
  }

  private static String host(String address) {
    int colon = address.lastIndexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
  }

  private static Step newer(long seen, long wanted) {
    return new Step.Wait(
        "newer_generation", "the engine has generation " + seen + ", newer than " + wanted);
  }

  /**
   * What the engine answered for a spec that we sent.
   *
   * @param sent fingerprint of our spec
   * @param kept fingerprint of what the engine keeps
   */
  public record Accepted(String sent, String kept) {}
}
