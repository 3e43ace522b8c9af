package dev.skep.agent.engine;

import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.ServiceSpec;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One replica. */
final class SimulatedTask {
  final String id;
  final ServiceSpec.TaskTemplate template;
  final int slot;
  String state = "pending";
  String message = "";
  String container = "";
  boolean wanted = true;

  /** In the Swarm's time. */
  Instant changed;

  /** In the time of the node, which stands in reports. */
  Instant since;

  SimulatedTask(String id, ServiceSpec.TaskTemplate template, int slot, Instant now) {
    this.id = id;
    this.template = template;
    this.slot = slot;
    this.changed = now;
    this.since = now;
  }

  void become(String next, String why, Instant now, Instant nodeTime) {
    state = next;
    message = why;
    changed = now;
    since = nodeTime;
  }

  /** The Swarm does not want it any more. */
  void end(SimulatedSwarm swarm) {
    wanted = false;
    if (!live()) {
      become("shutdown", "", swarm.now(), swarm.now());
    }
  }

  /** Whether there is a process. */
  boolean live() {
    return state.equals("starting") || state.equals("running") || state.equals("stopping");
  }

  boolean failed() {
    return state.equals("failed") || state.equals("rejected");
  }

  /** Died, or on a node that is called down. */
  boolean lost(@Nullable SimulatedNode node) {
    return failed()
        || state.equals("shutdown")
        || (node != null && node.calledDown() && !state.equals("pending"));
  }

  boolean from(SimulatedService service) {
    return template.equals(service.spec.taskTemplate());
  }

  Observed.Task observed(SimulatedService service) {
    return new Observed.Task(
        id,
        service.id,
        service.placement(),
        Labels.generation(template.containerSpec().labels().get(Labels.GENERATION)),
        slot,
        container,
        state.equals("stopping") ? "running" : state,
        wanted,
        message,
        since);
  }
}
