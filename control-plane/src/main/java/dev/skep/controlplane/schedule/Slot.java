package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.workload.Constraint;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One worker and what is taken of it so far. */
final class Slot {
  private final Worker worker;
  private final Optional<Rule> closed;
  private final Set<Integer> hostPorts;
  private Resources used;
  private int replicas;

  Slot(Worker worker, Optional<Rule> closed, Set<Integer> hostPorts) {
    this.worker = worker;
    this.closed = closed;
    this.hostPorts = hostPorts;
    this.used = worker.reserved();
    this.replicas = worker.replicas();
  }

  Worker worker() {
    return worker;
  }

  Resources free() {
    return worker.facts().capacity().minus(used);
  }

  int replicas() {
    return replicas;
  }

  Slot copy() {
    Slot copy = new Slot(worker, closed, new HashSet<>(hostPorts));
    copy.used = used;
    copy.replicas = replicas;
    return copy;
  }

  void give(Held held) {
    used = used.minus(held.each().times(held.reserved()));
    replicas -= held.reserved();
    held.hostPorts().forEach(hostPorts::remove);
  }

  /** Also on a worker that is not ready: what is there waits for it to come back. */
  int takeUpTo(int count, Want want) {
    int taken = 0;
    while (taken < count && unfit(want, taken).isEmpty()) {
      take(want);
      taken++;
    }
    return taken;
  }

  /** {@code ofService}: replicas of the service that are here. */
  Optional<Rule> refuses(Want want, int ofService) {
    return closed.or(() -> unfit(want, ofService));
  }

  private Optional<Rule> unfit(Want want, int ofService) {
    Requirement needed = want.requirement();
    if (!worker.roles().contains(WorkerRole.RUN)) {
      return Optional.of(Rule.ROLE);
    }
    if (!needed.terms().tolerations().containsAll(worker.taints())) {
      return Optional.of(Rule.TAINT);
    }
    if (!worker.labels().entrySet().containsAll(needed.terms().labels().entrySet())) {
      return Optional.of(Rule.LABELS);
    }
    if (!needed.terms().constraints().stream().allMatch(c -> c.allows(value(c.key())))) {
      return Optional.of(Rule.CONSTRAINT);
    }
    if (ofService >= want.limit()) {
      return Optional.of(Rule.MAX_PER_WORKER);
    }
    if (needed.hostPorts().stream().anyMatch(hostPorts::contains)) {
      return Optional.of(Rule.HOST_PORT);
    }
    if (free().cpuMillis() < needed.each().cpuMillis()) {
      return Optional.of(Rule.CPU);
    }
    return free().memoryBytes() < needed.each().memoryBytes()
        ? Optional.of(Rule.MEMORY)
        : Optional.empty();
  }

  private @Nullable String value(String key) {
    return switch (key) {
      case Constraint.NAME -> worker.name();
      case Constraint.ARCHITECTURE -> worker.facts().architecture();
      case Constraint.OS -> worker.facts().os();
      default -> worker.labels().get(key);
    };
  }

  void take(Want want) {
    used = used.plus(want.requirement().each());
    replicas++;
    hostPorts.addAll(want.requirement().hostPorts());
  }
}
