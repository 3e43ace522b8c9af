package dev.skep.controlplane.fleet;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who manages the Swarm of a cluster: the one next change that brings it to one, three or five
 * managers in as many zones as there are.
 *
 * <p>A worker that is lost or drained counts for the size, because it is expected back: it stays a
 * manager until another can take its place. Nothing is changed while the change before is under
 * way, without quorum, or so that a quorum would be lost.
 */
public final class ManagerPlan {
  /** Of a session, before its worker is made a manager. */
  static final Duration SETTLED = Duration.ofSeconds(2);

  private final List<SwarmMember> members;
  private final Surroundings around;
  private final Instant now;
  private final Duration heartbeatTimeout;

  private ManagerPlan(
      List<SwarmMember> members, Surroundings around, Instant now, Duration heartbeatTimeout) {
    this.members =
        members.stream().sorted(comparing((SwarmMember m) -> m.worker().name())).toList();
    this.around = around;
    this.now = now;
    this.heartbeatTimeout = heartbeatTimeout;
  }

  /**
   * What counts besides the workers.
   *
   * @param owner the worker whose agent changes the Swarm
   * @param strangers managers that are no worker of ours, removed ones for example
   * @param votingStrangers those of them that take part in decisions
   */
  public record Surroundings(Optional<WorkerId> owner, int strangers, int votingStrangers) {}

  /** One change of one node. */
  public sealed interface Change {
    WorkerId worker();

    record Promote(WorkerId worker) implements Change {}

    record Demote(WorkerId worker) implements Change {}
  }

  /** The next change; empty when all is well, or nothing can or may be done now. */
  public static Optional<Change> next(
      List<SwarmMember> members, Surroundings around, Instant now, Duration heartbeatTimeout) {
    return new ManagerPlan(members, around, now, heartbeatTimeout).next();
  }

  /** How many managers so many workers should have. */
  public static int target(int workers) {
    if (workers < 3) {
      return Math.min(1, workers);
    }
    return workers < 7 ? 3 : 5;
  }

  /** How many workers count for the number of managers. */
  public static int eligible(List<SwarmMember> members) {
    return (int) members.stream().filter(SwarmMember::mayManage).count();
  }

  private Optional<Change> next() {
    if (!quorum(managers(), voting())) {
      return Optional.empty();
    }
    List<SwarmMember> underWay = where(m -> m.wanted() != m.manager() && !m.removed());
    if (!underWay.isEmpty()) {
      return underWay.stream()
          .filter(m -> m.wanted() && !promising(m))
          .findFirst()
          .map(this::demote);
    }
    return removedOne().or(this::towardsTarget);
  }

  private Optional<Change> removedOne() {
    return where(m -> m.wanted() && m.removed()).stream()
        .filter(this::dispensable)
        .findFirst()
        .map(this::demote);
  }

  private Optional<Change> towardsTarget() {
    int target = target(eligible(members));
    List<SwarmMember> good = where(m -> m.wanted() && promising(m));
    if (good.size() < target) {
      return promoteOne(good, candidates());
    }
    Optional<Change> excess =
        where(m -> m.wanted() && !promising(m)).stream()
            .sorted(comparing((SwarmMember m) -> state(m) != WorkerState.LOST))
            .filter(m -> !isOwner(m) && dispensable(m))
            .findFirst()
            .or(() -> good.size() > target ? crowded(good) : Optional.empty())
            .map(this::demote);
    return excess.isPresent() ? excess : spreadBetter(good);
  }

  /** One more, in a zone without any; the most crowded zone then has one too many. */
  private Optional<Change> spreadBetter(List<SwarmMember> good) {
    Map<String, Long> zones = zones(good);
    boolean doubled = zones.values().stream().anyMatch(n -> n > 1);
    List<SwarmMember> elsewhere =
        candidates().stream().filter(m -> !zones.containsKey(zone(m))).toList();
    return doubled ? promoteOne(good, elsewhere) : Optional.empty();
  }

  private Optional<Change> promoteOne(List<SwarmMember> good, List<SwarmMember> candidates) {
    if (!quorum(managers() + 1, voting() + 1)) {
      return Optional.empty();
    }
    Map<String, Long> zones = zones(good);
    return candidates.stream()
        .min(comparingLong(m -> zones.getOrDefault(zone(m), 0L)))
        .map(m -> new Change.Promote(m.worker().id()));
  }

  /** One of the zone that has most, the owner last. */
  private Optional<SwarmMember> crowded(List<SwarmMember> good) {
    Map<String, Long> zones = zones(good);
    Comparator<SwarmMember> byCrowd = comparingLong(m -> -zones.getOrDefault(zone(m), 0L));
    return good.stream()
        .filter(m -> !isOwner(m) && dispensable(m))
        .min(byCrowd.thenComparing(m -> m.worker().name(), Comparator.reverseOrder()));
  }

  private List<SwarmMember> candidates() {
    return where(
        m ->
            m.mayManage()
                && !m.wanted()
                && !m.manager()
                && !m.draining()
                && state(m) == WorkerState.ONLINE
                && !m.worker().link().since().plus(SETTLED).isAfter(now));
  }

  /** A manager that is, or will soon be, of use. */
  private boolean promising(SwarmMember m) {
    return m.mayManage() && !m.draining() && state(m) != WorkerState.LOST;
  }

  /** Whether the others decide without it. */
  private boolean dispensable(SwarmMember m) {
    int left = managers() - (m.manager() ? 1 : 0);
    return left > 0 && quorum(left, voting() - (m.voting() ? 1 : 0));
  }

  private Change demote(SwarmMember m) {
    return new Change.Demote(m.worker().id());
  }

  private boolean isOwner(SwarmMember m) {
    return around.owner().filter(m.worker().id()::equals).isPresent();
  }

  private int managers() {
    return where(SwarmMember::manager).size() + around.strangers();
  }

  private int voting() {
    return where(SwarmMember::voting).size() + around.votingStrangers();
  }

  /** Whether so many of so many managers can decide. */
  public static boolean quorum(int managers, int voting) {
    return voting * 2 > managers;
  }

  private List<SwarmMember> where(Predicate<SwarmMember> which) {
    return members.stream().filter(which).toList();
  }

  private WorkerState state(SwarmMember m) {
    return m.worker().state(now, heartbeatTimeout);
  }

  private static Map<String, Long> zones(List<SwarmMember> of) {
    return of.stream().collect(groupingBy(ManagerPlan::zone, counting()));
  }

  private static String zone(SwarmMember m) {
    return m.worker().zone();
  }
}
