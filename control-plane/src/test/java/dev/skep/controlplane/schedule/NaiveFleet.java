package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Constraint;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The same rules in the plainest words: looks at every worker for every replica. */
final class NaiveFleet {
  private final List<Node> nodes = new ArrayList<>();
  private final Instant now;
  private final Duration timeout;

  NaiveFleet(
      List<Worker> workers, Map<WorkerId, Set<Integer>> ports, Instant now, Duration timeout) {
    this.now = now;
    this.timeout = timeout;
    workers.forEach(
        w -> nodes.add(new Node(w, new HashSet<>(ports.getOrDefault(w.id(), Set.of())))));
  }

  /** One worker. */
  static final class Node {
    final Worker worker;
    final Set<Integer> ports;
    Resources free;
    int replicas;

    Node(Worker worker, Set<Integer> ports) {
      this.worker = worker;
      this.ports = ports;
      this.free = worker.facts().capacity().minus(worker.reserved());
      this.replicas = worker.replicas();
    }

    void change(Resources each, List<Integer> hostPorts, int count) {
      free = free.minus(each.times(count));
      replicas += count;
      if (count > 0) {
        ports.addAll(hostPorts);
      } else {
        hostPorts.forEach(ports::remove);
      }
    }

    @Nullable String value(String key) {
      return switch (key) {
        case "worker.name" -> worker.name();
        case "worker.arch" -> worker.facts().architecture();
        case "worker.os" -> worker.facts().os();
        default -> worker.labels().get(key);
      };
    }
  }

  /** Greedy: the best worker for the first replica, then for the next. */
  Map<WorkerId, Integer> place(Want want) {
    Map<WorkerId, Integer> ofService = new HashMap<>(want.present());
    Map<WorkerId, Integer> added = new HashMap<>();
    for (int i = 0; i < want.count(); i++) {
      Optional<Node> best =
          nodes.stream()
              .filter(n -> refusal(n, want, ofService).isEmpty())
              .min(order(want, ofService));
      if (best.isEmpty()) {
        break;
      }
      WorkerId id = best.get().worker.id();
      best.get().change(want.requirement().each(), want.requirement().hostPorts(), 1);
      ofService.merge(id, 1, Integer::sum);
      added.merge(id, 1, Integer::sum);
    }
    return added;
  }

  private Comparator<Node> order(Want want, Map<WorkerId, Integer> ofService) {
    Comparator<Node> cold =
        Comparator.comparing(n -> !want.copies().workers().contains(n.worker.id()));
    Comparator<Node> tie = cold.thenComparing(n -> n.worker.name());
    if (want.strategy() == Strategy.BINPACK) {
      return Comparator.comparingLong((Node n) -> n.free.cpuMillis())
          .thenComparingLong(n -> n.free.memoryBytes())
          .thenComparing(tie);
    }
    return Comparator.comparingInt((Node n) -> inZone(n.worker.zone(), ofService))
        .thenComparingInt(n -> ofService.getOrDefault(n.worker.id(), 0))
        .thenComparingInt(n -> n.replicas)
        .thenComparing(tie);
  }

  private int inZone(String zone, Map<WorkerId, Integer> ofService) {
    return nodes.stream()
        .filter(n -> n.worker.zone().equals(zone))
        .mapToInt(n -> ofService.getOrDefault(n.worker.id(), 0))
        .sum();
  }

  /** Workers per rule that rejects them. */
  Map<String, Integer> refusals(Want want, Map<WorkerId, Integer> ofService) {
    Map<String, Integer> counts = new TreeMap<>();
    nodes.forEach(
        n -> refusal(n, want, ofService).ifPresent(r -> counts.merge(r, 1, Integer::sum)));
    return counts;
  }

  private Optional<String> refusal(Node n, Want want, Map<WorkerId, Integer> ofService) {
    return closed(n.worker)
        .or(() -> unfit(n, want.requirement().terms()))
        .or(
            () ->
                want.maxPerWorker() > 0
                        && ofService.getOrDefault(n.worker.id(), 0) >= want.maxPerWorker()
                    ? Optional.of("max_per_worker")
                    : full(n, want.requirement()));
  }

  private Optional<String> closed(Worker worker) {
    if (worker.open(now, timeout)) {
      return Optional.empty();
    }
    return switch (worker.state(now, timeout)) {
      case DRAINED -> Optional.of("draining");
      case ONLINE ->
          Optional.of(
              worker.upkeep().availability() == Upkeep.Availability.CORDONED
                  ? "cordoned"
                  : "pressure");
      case PENDING -> Optional.of("pending");
      case LOST -> Optional.of("lost");
      case UNKNOWN -> Optional.of("unknown");
      case UNHEALTHY -> Optional.of("unhealthy");
      case REMOVED -> Optional.of("removed");
      case DRAINING -> Optional.of("draining");
    };
  }

  private static Optional<String> unfit(Node n, Terms terms) {
    if (!n.worker.roles().contains(WorkerRole.RUN)) {
      return Optional.of("role");
    }
    if (!terms.tolerations().containsAll(n.worker.taints())) {
      return Optional.of("taint");
    }
    for (Map.Entry<String, String> label : terms.labels().entrySet()) {
      if (!label.getValue().equals(n.worker.labels().get(label.getKey()))) {
        return Optional.of("labels");
      }
    }
    return terms.constraints().stream().allMatch(c -> meets(n, c))
        ? Optional.empty()
        : Optional.of("constraint");
  }

  private static boolean meets(Node n, Constraint constraint) {
    boolean named =
        constraint.values().stream().anyMatch(v -> Objects.equals(v, n.value(constraint.key())));
    return named == (constraint.operator() != Constraint.Operator.NOT_EQUAL);
  }

  private static Optional<String> full(Node n, Requirement needed) {
    if (needed.hostPorts().stream().anyMatch(n.ports::contains)) {
      return Optional.of("host_port");
    }
    if (n.free.cpuMillis() < needed.each().cpuMillis()) {
      return Optional.of("cpu");
    }
    return n.free.memoryBytes() < needed.each().memoryBytes()
        ? Optional.of("memory")
        : Optional.empty();
  }

  /** As {@link FleetView#replace}; what is taken back is taken back one by one. */
  Map<WorkerId, Integer> replace(List<Held> held, Want want) {
    held.forEach(h -> node(h.worker()).change(h.each(), h.hostPorts(), -h.reserved()));
    Requirement needed = want.requirement();
    Map<WorkerId, Integer> added = new HashMap<>();
    for (Held h : held) {
      Node n = node(h.worker());
      int most = want.maxPerWorker() > 0 ? want.maxPerWorker() : Integer.MAX_VALUE;
      most -= want.present().getOrDefault(h.worker(), 0);
      for (int i = 0; i < Math.min(h.kept(), most); i++) {
        if (unfit(n, needed.terms()).or(() -> full(n, needed)).isEmpty()) {
          n.change(needed.each(), needed.hostPorts(), 1);
          added.merge(h.worker(), 1, Integer::sum);
        }
      }
    }
    int stay = sum(added);
    place(want.more(want.count() - stay, added)).forEach((w, n) -> added.merge(w, n, Integer::sum));
    if (sum(added) >= held.stream().mapToInt(Held::kept).sum()) {
      return added;
    }
    added.forEach((w, n) -> node(w).change(needed.each(), needed.hostPorts(), -n));
    held.forEach(h -> node(h.worker()).change(h.each(), h.hostPorts(), h.reserved()));
    return Map.of();
  }

  Node node(WorkerId id) {
    return nodes.stream().filter(n -> n.worker.id().equals(id)).findFirst().orElseThrow();
  }

  List<Node> nodes() {
    return nodes;
  }

  static int sum(Map<WorkerId, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }
}
