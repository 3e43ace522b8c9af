package dev.skep.controlplane.loop;

import dev.skep.controlplane.fleet.FleetNews;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.state.FleetUpkeep;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The leader's eye on workers: tells people what happens to them and lets removed ones go. */
public final class FleetWatch extends ClusterWatch {
  private static final Logger log = LoggerFactory.getLogger(FleetWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final FleetUpkeep fleet;
  private final InstantSource clock;
  private final Duration heartbeatTimeout;

  public FleetWatch(
      FleetUpkeep fleet, LeaderLease lease, InstantSource clock, Duration heartbeatTimeout) {
    super("fleet-watch", lease, EVERY, PAUSE);
    this.fleet = fleet;
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
  }

  @Override
  void look() {
    fleet
        .tell(
            (cluster, workers) -> FleetNews.of(cluster, workers, clock.instant(), heartbeatTimeout))
        .forEach(FleetWatch::log);
    fleet.releaseRemoved();
  }

  private static void log(Notification notification) {
    switch (notification.severity()) {
      case INFO -> log.info("{}", notification.message());
      case WARNING, CRITICAL -> log.warn("{}", notification.message());
    }
  }
}
