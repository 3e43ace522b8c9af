package dev.skep.controlplane.loop;

import dev.skep.controlplane.fleet.ManagerPlan;
import dev.skep.controlplane.fleet.Ownership;
import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.SwarmUpkeep;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The leader's eye on the managers of Swarms. */
public final class SwarmWatch extends ClusterWatch {
  private static final Logger log = LoggerFactory.getLogger(SwarmWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final SwarmUpkeep swarms;
  private final SwarmUpkeep.Rules rules;

  public SwarmWatch(
      SwarmUpkeep swarms, LeaderLease lease, InstantSource clock, Duration heartbeatTimeout) {
    super("swarm-watch", lease, EVERY, PAUSE);
    this.swarms = swarms;
    this.rules = new Now(clock, heartbeatTimeout);
  }

  /** The rules at this moment. */
  private record Now(InstantSource clock, Duration heartbeatTimeout) implements SwarmUpkeep.Rules {
    @Override
    public Ownership ownership(List<SwarmMember> members, ManagerPlan.Surroundings around) {
      return Ownership.of(members, around, clock.instant());
    }

    @Override
    public Optional<ManagerPlan.Change> next(
        List<SwarmMember> members, ManagerPlan.Surroundings around) {
      return ManagerPlan.next(members, around, clock.instant(), heartbeatTimeout);
    }
  }

  @Override
  void look() {
    swarms.look(rules).forEach(n -> log.info("{}", n.message()));
  }
}
