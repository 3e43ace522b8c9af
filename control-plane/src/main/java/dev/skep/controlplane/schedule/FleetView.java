package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one cluster during one pass. Each decision is taken off what is free, so that two
 * services of the same pass never get the same room. Not for several threads.
 */
public final class FleetView {
  private static final BitSet NONE = new BitSet(0);

  private final Columns columns;

  /** The rule by which a worker takes nothing, whatever it is. */
  private final @Nullable Rule[] closed;

  private final Eligibility eligibility;
  private final Tally tally;
  private final Dealer dealer;
  private final Map<Terms, BitSet> open = new Recent<>();
  private final Map<RankingKey, Ranking> rankings = new Recent<>();

  /** {@code hostPorts}: fixed ports that are taken, per worker. */
  public FleetView(
      Collection<Worker> workers,
      Map<WorkerId, Set<Integer>> hostPorts,
      Instant now,
      Duration heartbeatTimeout) {
    columns = new Columns(workers, hostPorts);
    closed = new Rule[columns.size()];
    for (int i = 0; i < closed.length; i++) {
      closed[i] = closed(columns.worker(i), now, heartbeatTimeout);
    }
    eligibility = new Eligibility(columns);
    tally = new Tally(columns);
    dealer = new Dealer(columns, tally);
  }

  /** {@code image}: of which the members have a copy; empty when that does not matter. */
  private record RankingKey(Requirement needed, Strategy strategy, String image) {}

  private static @Nullable Rule closed(Worker worker, Instant now, Duration heartbeatTimeout) {
    return switch (worker.state(now, heartbeatTimeout)) {
      case PENDING -> Rule.PENDING;
      case LOST -> Rule.LOST;
      case UNKNOWN -> Rule.UNKNOWN;
      case UNHEALTHY -> Rule.UNHEALTHY;
      case REMOVED -> Rule.REMOVED;
      case DRAINING, DRAINED -> Rule.DRAINING;
      case ONLINE -> {
        if (worker.upkeep().availability() == Upkeep.Availability.CORDONED) {
          yield Rule.CORDONED;
        }
        yield worker.pressure(now).isEmpty() ? null : Rule.PRESSURE;
      }
    };
  }

  /** Where each replica goes, by the strategy of the service. */
  public Decision place(Want want) {
    if (want.count() <= 0) {
      return Decision.NOTHING;
    }
    Hosts hosts = hosts(want);
    tally.begin(want.present());
    int missing = dealer.deal(want, hosts, rankings(want, hosts));
    if (missing == 0) {
      return new Decision(tally.added(), 0, "", List.of());
    }
    Refusals refusals = refusals(want);
    return new Decision(tally.added(), missing, refusals.explain(), refusals.rejections());
  }

  private Hosts hosts(Want want) {
    BitSet all = open.computeIfAbsent(want.requirement().terms(), this::open);
    if (want.copies().workers().isEmpty()) {
      return new Hosts(all, NONE);
    }
    BitSet warm = new BitSet();
    for (WorkerId id : want.copies().workers()) {
      int worker = columns.number(id);
      if (worker >= 0 && all.get(worker)) {
        warm.set(worker);
      }
    }
    return new Hosts(all, warm);
  }

  private BitSet open(Terms terms) {
    @Nullable Rule[] verdicts = eligibility.verdicts(terms);
    BitSet result = new BitSet(verdicts.length);
    for (int i = 0; i < verdicts.length; i++) {
      if (closed[i] == null && verdicts[i] == null) {
        result.set(i);
      }
    }
    return result;
  }

  private List<Ranking> rankings(Want want, Hosts hosts) {
    Ranking all = ranking(want, "", hosts.all());
    if (hosts.warm().isEmpty() || hosts.warm().equals(hosts.all())) {
      return List.of(all);
    }
    return List.of(all, ranking(want, want.copies().image(), hosts.warm()));
  }

  private Ranking ranking(Want want, String image, BitSet members) {
    return rankings.computeIfAbsent(
        new RankingKey(want.requirement(), want.strategy(), image),
        key -> new Ranking(columns, key.needed(), key.strategy(), !image.isEmpty(), members));
  }

  private Refusals refusals(Want want) {
    @Nullable Rule[] verdicts = eligibility.verdicts(want.requirement().terms());
    Refusals refusals = new Refusals(want);
    for (int i = 0; i < verdicts.length; i++) {
      Rule rule = closed[i] != null ? closed[i] : verdicts[i];
      refusals.add(
          rule != null ? rule : shortage(want, i), columns.freeCpu(i), columns.freeMemory(i));
    }
    return refusals;
  }

  /** Why an open worker takes no more of what it took, or would take, before. */
  private Rule shortage(Want want, int worker) {
    Requirement needed = want.requirement();
    if (tally.ofService(worker) >= want.limit()) {
      return Rule.MAX_PER_WORKER;
    }
    if (!columns.portsFree(needed.hostPorts(), worker)) {
      return Rule.HOST_PORT;
    }
    return columns.freeCpu(worker) < needed.each().cpuMillis() ? Rule.CPU : Rule.MEMORY;
  }

  /**
   * Gives replicas that have a worker another shape: where they are as far as they fit, else
   * elsewhere. When not all of them fit anywhere nothing is taken, so that what runs is not lost
   * for what cannot run.
   *
   * @param want counts the held replicas that are kept, and new ones
   * @return added are all replicas of the new shape; fewer than are held means that none was taken
   */
  public Decision replace(List<Held> held, Want want) {
    held.forEach(this::give);
    Map<WorkerId, Integer> added = new LinkedHashMap<>();
    for (Held h : held) {
      int stay = keep(h.worker(), h.kept(), want);
      if (stay > 0) {
        added.merge(h.worker(), stay, Integer::sum);
      }
    }
    int stay = added.values().stream().mapToInt(Integer::intValue).sum();
    Decision rest = place(want.more(want.count() - stay, added));
    rest.added().forEach((worker, n) -> added.merge(worker, n, Integer::sum));
    int kept = held.stream().mapToInt(Held::kept).sum();
    if (want.count() - rest.missing() < kept) {
      added.forEach((worker, n) -> takeBack(worker, n, want.requirement()));
      held.forEach(this::takeAgain);
      return new Decision(Map.of(), rest.missing(), rest.explanation(), rest.rejections());
    }
    return new Decision(Map.copyOf(added), rest.missing(), rest.explanation(), rest.rejections());
  }

  /**
   * Takes the room of replicas that stay on their worker, also on one that is not ready: what is
   * there waits for it to come back.
   *
   * @return how many of them fit; all of them on a worker that is not in view
   */
  public int keep(WorkerId id, int count, Want want) {
    int worker = columns.number(id);
    if (worker < 0) {
      return count;
    }
    Requirement needed = want.requirement();
    if (eligibility.verdicts(needed.terms())[worker] != null) {
      return 0;
    }
    int most = Math.min(count, want.limit() - want.present().getOrDefault(id, 0));
    int kept = columns.room(needed, worker, most);
    if (kept > 0) {
      columns.take(worker, needed.each(), needed.hostPorts(), kept);
    }
    return kept;
  }

  /**
   * Held replicas go on as they are although {@link #replace} has found their successors places.
   *
   * @param placed of those successors, on the same worker, who come later
   */
  public void stay(Held held, int placed, Want want) {
    takeBack(held.worker(), placed, want.requirement());
    takeAgain(held);
  }

  private void give(Held held) {
    int worker = columns.number(held.worker());
    if (worker >= 0) {
      columns.give(worker, held.each(), held.hostPorts(), held.reserved());
    }
  }

  private void takeAgain(Held held) {
    int worker = columns.number(held.worker());
    if (worker >= 0) {
      columns.take(worker, held.each(), held.hostPorts(), held.reserved());
    }
  }

  private void takeBack(WorkerId id, int count, Requirement needed) {
    int worker = columns.number(id);
    if (worker >= 0) {
      columns.give(worker, needed.each(), needed.hostPorts(), count);
    }
  }
}
