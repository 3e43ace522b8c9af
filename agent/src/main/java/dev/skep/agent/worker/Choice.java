package dev.skep.agent.worker;

import dev.skep.agent.journal.Journal;
import dev.skep.agent.task.Desired;
import dev.skep.agent.task.NextStep;
import dev.skep.agent.task.Step;
import java.util.Optional;
import java.util.OptionalLong;

/** The one next step for an object, by what is wanted of it and what was seen last. */
record Choice(Journal journal, View view, NextStep rules, Listing seen) {

  /** Towards what is wanted. */
  Step towards(Desired wanted, Track track) {
    return switch (wanted) {
      case Desired.Swarm s -> rules.swarm(s, seen.info().swarm(), managers());
      case Desired.Control c ->
          seen.cluster()
              .map(cl -> rules.control(c, cl.settings().ownerEpoch(), cl.nodes()))
              .orElseGet(this::notManager);
      case Desired.Network n -> closed().orElseGet(() -> rules.network(n, view.network(n.id())));
      case Desired.Placement p ->
          closed()
              .orElseGet(
                  () ->
                      rules.placement(
                          p,
                          view.service(p.id()),
                          view.ground(p.networkObjectName()),
                          track.accepted));
      case Desired.Secret s -> closed().orElseGet(() -> rules.secret(s, view.secret(s.id())));
      case Desired.Image i -> rules.image(i, view.hasImage(i.image()));
      case Desired.NoVolume v -> rules.noVolume(v, track.done);
      case Desired.Unknown u ->
          new Step.Refuse("unknown_kind", "this agent does not know such an object");
    };
  }

  /** Nothing is wanted of it any more. */
  Step without(String id) {
    if (id.startsWith(View.IMAGE)) {
      String image = id.substring(View.IMAGE.length());
      boolean ours = view.hasImage(image) && journal.pulled().all().contains(image);
      return ours ? new Step.RemoveImage(image) : new Step.Settled();
    }
    return View.ofCluster(id) ? closed().orElseGet(() -> withoutInCluster(id)) : new Step.Settled();
  }

  private Step withoutInCluster(String id) {
    return view.service(id)
        .<Step>map(Step.RemoveService::new)
        .or(() -> view.network(id).map(Step.RemoveNetwork::new))
        .or(() -> view.secret(id).map(Step.RemoveSecret::new))
        .orElseGet(Step.Settled::new);
  }

  private OptionalLong managers() {
    return seen.cluster().stream().mapToLong(Listing.ClusterListing::managers).findFirst();
  }

  /** Why the Swarm's objects cannot or must not be changed from here; empty when they may. */
  private Optional<Step> closed() {
    long ours = journal.plan().ownerEpoch();
    return seen.cluster()
        .map(c -> NextStep.owner(ours, c.settings().ownerEpoch()))
        .orElseGet(() -> Optional.of(notManager()));
  }

  private Step notManager() {
    return seen.controlError().isEmpty()
        ? new Step.Wait("not_manager", "this node is not a manager of an active Swarm")
        : new Step.Wait("swarm_leaderless", seen.controlError());
  }
}
