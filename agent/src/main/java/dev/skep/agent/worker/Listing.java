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
 * @param cluster empty when this node is not a manager
 * @param images empty when nobody asked
 * @param cost how long it took
 */
record Listing(
    Engine.EngineInfo info,
    Optional<ClusterListing> cluster,
    Optional<Set<String>> images,
    Duration cost) {
  /** What only a manager sees. */
  record ClusterListing(
      List<Observed.Service> services,
      List<Observed.Network> networks,
      List<Observed.Task> tasks,
      List<Observed.Node> nodes,
      Engine.JoinTokens joinTokens) {}

  static Listing of(Engine engine, boolean withImages) {
    long start = System.nanoTime();
    var info = engine.info();
    var cluster =
        info.swarm().active() && info.swarm().manager()
            ? Optional.of(cluster(engine))
            : Optional.<ClusterListing>empty();
    var images = withImages ? Optional.of(engine.images().names()) : Optional.<Set<String>>empty();
    return new Listing(info, cluster, images, Duration.ofNanos(System.nanoTime() - start));
  }

  private static ClusterListing cluster(Engine engine) {
    try {
      return new ClusterListing(
          engine.cluster().services(),
          engine.cluster().networks(),
          engine.cluster().tasks(),
          engine.membership().nodes(),
          engine.membership().joinTokens());
    } catch (EngineFailure e) {
      // A Swarm without a leader for the moment; nothing is known about its objects.
      throw e.engineAway()
          ? e
          : new EngineFailure(EngineFailure.Code.ENGINE_DOWN, "the Swarm: " + e.getMessage(), e);
    }
  }
}
