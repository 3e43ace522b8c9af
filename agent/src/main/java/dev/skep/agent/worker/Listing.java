package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.task.Observed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One look at everything.
 *
 * @param cluster empty when this node is not a manager, or no manager can do anything
 * @param controlError why this manager's Swarm does not answer; empty when it does
 * @param images empty when nobody asked
 * @param cost how long it took
 */
record Listing(
    Engine.EngineInfo info,
    Optional<ClusterListing> cluster,
    String controlError,
    Optional<Set<String>> images,
    Duration cost) {
  /** What only a manager sees. */
  record ClusterListing(
      List<Observed.Service> services,
      List<Observed.Network> networks,
      List<Observed.Secret> secrets,
      List<Observed.Task> tasks,
      List<Observed.Node> nodes,
      Engine.SwarmSettings settings) {
    int managers() {
      return (int) nodes.stream().filter(Observed.Node::manager).count();
    }
  }

  static Listing of(Engine engine, boolean withImages) {
    long start = System.nanoTime();
    var info = engine.info();
    var images = withImages ? Optional.of(engine.images().names()) : Optional.<Set<String>>empty();
    boolean manager = info.swarm().active() && info.swarm().manager();
    Optional<ClusterListing> cluster = Optional.empty();
    String error = "";
    try {
      cluster = manager ? Optional.of(cluster(engine)) : Optional.empty();
    } catch (EngineFailure e) {
      if (e.code() == EngineFailure.Code.ENGINE_DOWN) {
        throw e;
      }
      // A Swarm without a leader; nothing is known about its objects, but this machine is well.
      error = String.valueOf(e.getMessage());
    }
    return new Listing(info, cluster, error, images, Duration.ofNanos(System.nanoTime() - start));
  }

  private static ClusterListing cluster(Engine engine) {
    return new ClusterListing(
        engine.cluster().services(),
        engine.cluster().networks(),
        engine.secrets().all(),
        engine.cluster().tasks(),
        engine.swarm().nodes(),
        engine.swarm().settings());
  }
}
