package dev.skep.agent.engine;

import dev.skep.agent.task.Fingerprint;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.ServiceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Swarm service and its tasks. */
final class SimulatedService {
  final String id;
  final List<SimulatedTask> tasks = new ArrayList<>();
  long version;
  ServiceSpec spec;
  private Fingerprint fingerprint;

  SimulatedService(String id, long version, ServiceSpec spec) {
    this.id = id;
    this.version = version;
    this.spec = spec;
    this.fingerprint = SpecFingerprint.of(spec);
  }

  void update(long newVersion, ServiceSpec newSpec) {
    version = newVersion;
    spec = newSpec;
    fingerprint = SpecFingerprint.of(newSpec);
  }

  String node() {
    String constraint = spec.taskTemplate().placement().constraints().getFirst();
    return constraint.substring("node.id==".length());
  }

  String image() {
    return spec.taskTemplate().containerSpec().image();
  }

  private int replicas() {
    return (int) spec.mode().replicated().replicas();
  }

  /** Makes new tasks and ends old ones, as many at a time as the spec lets. */
  void orchestrate(
      SimulatedSwarm swarm, @Nullable SimulatedNode node, Duration restart, int history) {
    for (int slot = 1; slot <= replicas(); slot++) {
      boolean empty = inSlot(slot).isEmpty();
      if (empty && !(stopFirst() && leaving(slot)) && restartable(slot, swarm, restart)) {
        start(slot, swarm, node);
      }
    }
    tasks.stream().filter(t -> t.wanted && t.slot > replicas()).forEach(t -> t.end(swarm));
    roll(swarm, node);
    forgetOld(history);
  }

  private boolean stopFirst() {
    return spec.updateConfig().order().equals("stop-first");
  }

  /**
   * Start-first the old task ends when the new one runs; stop-first the new one starts after it.
   */
  private void roll(SimulatedSwarm swarm, @Nullable SimulatedNode node) {
    long parallel = Math.max(1, spec.updateConfig().parallelism());
    long busy = 0;
    for (int slot = 1; slot <= replicas(); slot++) {
      var there = inSlot(slot);
      if (there.stream().anyMatch(t -> t.from(this) && t.state.equals("running"))) {
        there.stream().filter(t -> !t.from(this)).forEach(t -> t.end(swarm));
      } else if (there.isEmpty() || there.stream().anyMatch(t -> t.from(this))) {
        busy++;
      }
    }
    for (int slot = 1; slot <= replicas() && busy < parallel; slot++) {
      var there = inSlot(slot);
      if (there.isEmpty() || there.stream().anyMatch(t -> t.from(this))) {
        continue;
      }
      if (stopFirst()) {
        there.forEach(t -> t.end(swarm));
        busy++;
      } else if (restartable(slot, swarm, Duration.ofSeconds(1))) {
        start(slot, swarm, node);
        busy++;
      }
    }
  }

  private boolean leaving(int slot) {
    return tasks.stream().anyMatch(t -> t.slot == slot && t.live());
  }

  private List<SimulatedTask> inSlot(int slot) {
    return tasks.stream().filter(t -> t.wanted && t.slot == slot).toList();
  }

  /** A replica that died is not started again at once. */
  private boolean restartable(int slot, SimulatedSwarm swarm, Duration restart) {
    return tasks.stream()
        .filter(t -> t.slot == slot && t.failed() && t.from(this))
        .allMatch(t -> !t.changed.plus(restart).isAfter(swarm.now()));
  }

  private void start(int slot, SimulatedSwarm swarm, @Nullable SimulatedNode node) {
    var task = new SimulatedTask(swarm.nextId("task"), spec.taskTemplate(), slot, swarm.now());
    tasks.add(task);
    if (node != null) {
      node.advance(this, task);
    }
  }

  private void forgetOld(int history) {
    var ended =
        tasks.stream()
            .filter(t -> !t.wanted && !t.live())
            .sorted(Comparator.comparing((SimulatedTask t) -> t.changed).thenComparing(t -> t.id))
            .toList();
    if (ended.size() > history) {
      tasks.removeAll(ended.subList(0, ended.size() - history));
    }
  }

  boolean calm() {
    var live = tasks.stream().filter(t -> t.live() || t.wanted).toList();
    return live.size() == replicas()
        && live.stream().allMatch(t -> t.wanted && t.from(this) && t.state.equals("running"));
  }

  SimulatedSwarm.Running running() {
    long parallel = Math.max(1, spec.updateConfig().parallelism());
    return new SimulatedSwarm.Running(
        label(Labels.SERVICE),
        placement(),
        Labels.generation(label(Labels.GENERATION)),
        node(),
        image(),
        replicas(),
        (int) tasks.stream().filter(SimulatedTask::live).count(),
        (int) tasks.stream().filter(t -> t.wanted && t.state.equals("running")).count(),
        stopFirst() ? 0 : (int) Math.min(parallel, replicas()));
  }

  Observed.Service observed() {
    return new Observed.Service(
        id,
        version,
        spec.name(),
        Map.copyOf(spec.labels()),
        Map.copyOf(spec.taskTemplate().containerSpec().labels()),
        fingerprint);
  }

  String label(String key) {
    return spec.labels().getOrDefault(key, "");
  }

  String placement() {
    return label(Labels.PLACEMENT);
  }
}
