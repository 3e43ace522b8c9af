package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

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
    while (taken < count && unfit(want).isEmpty()) {
      take(want);
      taken++;
    }
    return taken;
  }

  Optional<Rule> refuses(Want want) {
    return closed.or(() -> unfit(want));
  }

  private Optional<Rule> unfit(Want want) {
    if (!worker.roles().contains(WorkerRole.RUN)) {
      return Optional.of(Rule.ROLE);
    }
    if (!want.tolerations().containsAll(worker.taints())) {
      return Optional.of(Rule.TAINT);
    }
    if (!worker.labels().entrySet().containsAll(want.labels().entrySet())) {
      return Optional.of(Rule.LABELS);
    }
    if (want.hostPorts().stream().anyMatch(hostPorts::contains)) {
      return Optional.of(Rule.HOST_PORT);
    }
    if (free().cpuMillis() < want.each().cpuMillis()) {
      return Optional.of(Rule.CPU);
    }
    return free().memoryBytes() < want.each().memoryBytes()
        ? Optional.of(Rule.MEMORY)
        : Optional.empty();
  }

  void take(Want want) {
    used = used.plus(want.each());
    replicas++;
    hostPorts.addAll(want.hostPorts());
  }
}
