package dev.skep.controlplane.fleet;

import static java.util.Comparator.comparing;

import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which manager's agent changes the Swarm, and what keeps it from doing so.
 *
 * @param owner empty only while no manager ever spoke
 * @param error why the Swarm cannot be changed, for people; empty when it can
 * @param quorumLost whether that ends only when machines come back or somebody recovers the Swarm
 */
public record Ownership(Optional<WorkerId> owner, String error, boolean quorumLost) {
  private static final String NOBODY = "no manager of the Swarm is left";

  /** An agent that restarts is back within it. */
  static final Duration SESSION_PATIENCE = Duration.ofSeconds(2);

  /** A short absence is not worth an alarm. */
  static final Duration ALARM_PATIENCE = Duration.ofSeconds(10);

  /** A manager whose engine answers badly for longer gives way to one whose engine does not. */
  static final Duration ERROR_PATIENCE = Duration.ofSeconds(5);

  /** Decides for the workers of one cluster whose Swarm exists. */
  public static Ownership of(
      List<SwarmMember> members, ManagerPlan.Surroundings around, Instant now) {
    Optional<SwarmMember> current =
        around.owner().flatMap(id -> members.stream().filter(m -> is(m, id)).findFirst());
    Optional<SwarmMember> owner = successor(current, members, now).or(() -> current);
    int managers = managers(members, around);
    if (managers == 0) {
      // The owner's agent has not told of any yet.
      return new Ownership(owner.map(o -> o.worker().id()), "", false);
    }
    boolean possible = ManagerPlan.quorum(managers, present(members, around, now));
    String error = owner.map(o -> error(o, members, possible, now)).orElse(NOBODY);
    return new Ownership(owner.map(o -> o.worker().id()), error, !error.isEmpty() && !possible);
  }

  private static Optional<SwarmMember> successor(
      Optional<SwarmMember> current, List<SwarmMember> members, Instant now) {
    List<SwarmMember> others =
        members.stream()
            .filter(m -> current.filter(c -> is(m, c.worker().id())).isEmpty())
            .filter(m -> m.manager() && m.connected() && !m.removed())
            .sorted(preference())
            .toList();
    List<SwarmMember> able = others.stream().filter(SwarmMember::able).toList();
    if (current.isEmpty() || current.get().removed()) {
      return others.stream().findFirst();
    }
    SwarmMember owner = current.get();
    if (!owner.connected()) {
      boolean gone = !owner.worker().link().since().plus(SESSION_PATIENCE).isAfter(now);
      return gone ? others.stream().findFirst() : Optional.empty();
    }
    boolean leaving = !owner.wanted() || owner.draining() || !owner.manager();
    return leaving || unable(owner, now)
        ? able.stream().filter(m -> unable(owner, now) || stays(m)).findFirst()
        : Optional.empty();
  }

  private static boolean stays(SwarmMember m) {
    return m.wanted() && !m.draining();
  }

  private static boolean unable(SwarmMember owner, Instant now) {
    Instant since = owner.errorSince();
    return !owner.controlError().isEmpty()
        && since != null
        && !since.plus(ERROR_PATIENCE).isAfter(now);
  }

  private static Comparator<SwarmMember> preference() {
    return comparing((SwarmMember m) -> !m.able())
        .thenComparing(m -> !stays(m))
        .thenComparing(m -> m.worker().name());
  }

  private static String error(
      SwarmMember owner, List<SwarmMember> members, boolean possible, Instant now) {
    boolean silent = owner.manager() && owner.controlError().isEmpty() && present(owner, now);
    if (owner.able() || silent) {
      return "";
    }
    List<String> missing =
        members.stream()
            .filter(m -> m.manager() && !m.connected())
            .map(m -> m.worker().name())
            .sorted()
            .toList();
    if (!possible) {
      return "too few managers of the Swarm are left; gone are "
          + String.join(", ", missing)
          + ". Nothing can be changed; what runs goes on";
    }
    if (!owner.connected()) {
      return "the agent of " + owner.worker().name() + " is not connected";
    }
    return owner.controlError().isEmpty()
        ? owner.worker().name() + " is not a manager of the Swarm yet"
        : owner.worker().name() + " says: " + owner.controlError();
  }

  private static int managers(List<SwarmMember> members, ManagerPlan.Surroundings around) {
    return (int) members.stream().filter(SwarmMember::manager).count() + around.strangers();
  }

  private static int present(
      List<SwarmMember> members, ManagerPlan.Surroundings around, Instant now) {
    return (int) members.stream().filter(m -> m.manager() && present(m, now)).count()
        + around.votingStrangers();
  }

  private static boolean present(SwarmMember m, Instant now) {
    return m.connected() || m.worker().link().since().plus(ALARM_PATIENCE).isAfter(now);
  }

  private static boolean is(SwarmMember member, WorkerId id) {
    return member.worker().id().equals(id);
  }
}
