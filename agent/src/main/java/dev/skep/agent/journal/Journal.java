package dev.skep.agent.journal;

import dev.skep.agent.v1.AssignmentSet;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plan on disk. What {@link #plan} returns is durable: it survives the death of the process on
 * the next line.
 */
public final class Journal {
  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private final SealedFile file;
  private final PulledImages pulled;
  private final CopyLease lease;
  private volatile Plan plan;

  private Journal(SealedFile file, PulledImages pulled, CopyLease lease, Plan plan) {
    this.file = file;
    this.pulled = pulled;
    this.lease = lease;
    this.plan = plan;
  }

  /** Opens or begins the journal of a data directory. */
  public static Journal open(Path dataDir) {
    return open(dataDir, BootClock.ofMachine());
  }

  /** The same with another clock. */
  public static Journal open(Path dataDir, BootClock clock) {
    var lease = CopyLease.open(dataDir, clock);
    var file = new SealedFile(dataDir.resolve("assignments"), dataDir.resolve("journal.key"));
    var pulled = PulledImages.open(dataDir);
    try {
      return new Journal(file, pulled, lease, file.read().map(Plan::read).orElse(Plan.EMPTY));
    } catch (DamagedFile e) {
      // An empty plan removes nothing; the control plane sends a complete one.
      log.error("{}; it is set aside and the agent asks for its assignments again", e.getMessage());
      file.setAside();
      return new Journal(file, pulled, lease, Plan.EMPTY);
    }
  }

  public Plan plan() {
    return plan;
  }

  /** Images that are ours to delete. */
  public PulledImages pulled() {
    return pulled;
  }

  /** Until when some copies here may run. */
  public CopyLease lease() {
    return lease;
  }

  /** Takes a set in, durably, and says what that changed. */
  public synchronized Applied apply(AssignmentSet set) {
    var before = plan;
    if (set.getLeaderEpoch() < before.leaderEpoch()) {
      return new Applied.Stale(set.getLeaderEpoch(), before.leaderEpoch());
    }
    return switch (set.getKind()) {
      case KIND_COMPLETE -> change(before, p -> p.with(set));
      case KIND_INCREMENTAL ->
          set.getAppliesTo() == before.revision()
              ? change(before, p -> p.with(set))
              : new Applied.Gap(set.getAppliesTo(), before.revision());
      case KIND_UNSPECIFIED, UNRECOGNIZED -> new Applied.Gap(0, before.revision());
    };
  }

  /** Forgets that an object has to be removed, because it is. */
  public synchronized void removed(String id) {
    if (plan.gone().contains(id)) {
      change(plan, p -> p.without(id));
    }
  }

  private Applied change(Plan before, UnaryOperator<Plan> by) {
    var after = by.apply(before);
    file.write(after.bytes());
    plan = after;
    return new Applied.Changed(difference(before, after));
  }

  private static Set<String> difference(Plan before, Plan after) {
    var ids = new LinkedHashSet<String>();
    after
        .sources()
        .forEach(
            (id, a) -> {
              if (!Objects.equals(a, before.sources().get(id))) {
                ids.add(id);
              }
            });
    before.sources().keySet().stream()
        .filter(id -> !after.sources().containsKey(id))
        .forEach(ids::add);
    ids.addAll(after.gone());
    return ids;
  }

  /** What a set did. */
  public sealed interface Applied {
    /** These objects are wanted differently now. */
    record Changed(Set<String> ids) implements Applied {}

    /** The set builds on something that is not here; a complete one is needed. */
    record Gap(long appliesTo, long have) implements Applied {}

    /** A leader that is none any more sent it. */
    record Stale(long epoch, long seen) implements Applied {}
  }
}
