package dev.skep.bench;

import dev.skep.agent.v1.SwarmNode;
import dev.skep.agent.v1.SwarmState;
import dev.skep.testbed.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Agents without engines that are one Swarm; the first manages it. */
final class SimulatedCluster implements AutoCloseable {
  private static final int BEAT_SECONDS = 5;

  private final List<SimulatedAgent.Identity> identities;
  private final List<SimulatedAgent> agents = new ArrayList<>();
  private final Set<String> down = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  SimulatedCluster(ControlPlaneProcess controlPlane, Api api, int size) {
    String token = api.joinToken(size);
    identities =
        IntStream.range(0, size)
            .mapToObj(
                i ->
                    SimulatedAgent.Identity.enroll(
                        "w" + i, controlPlane.agentEndpoint(), controlPlane.authority(), token))
            .toList();
    for (int i = 0; i < size; i++) {
      SimulatedAgent agent = identities.get(i).open(swarm(i));
      agents.add(agent);
      // The first has to be the owner, of which the others then are members.
      Await.seconds(20)
          .every(Duration.ofMillis(2))
          .until(agent.name() + " is welcome", agent::welcome);
    }
    beats.scheduleAtFixedRate(this::beat, BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
  }

  private synchronized void beat() {
    agents.forEach(SimulatedAgent::beat);
  }

  private SwarmState swarm(int number) {
    SwarmState.Builder swarm =
        SwarmState.newBuilder().setLocalState("active").setNodeId(node(number)).setSwarmId("swarm");
    if (number == 0) {
      swarm
          .setManager(true)
          .setManagerAddress("127.0.0.1:2377")
          .setWorkerJoinToken("worker-token")
          .setManagerJoinToken("manager-token");
      for (int i = 0; i < identities.size(); i++) {
        swarm.addNodes(
            SwarmNode.newBuilder()
                .setNodeId(node(i))
                .setState(down.contains(node(i)) ? "down" : "ready")
                .setAvailability("active")
                .setManager(i == 0)
                .setLeader(i == 0));
      }
    }
    return swarm.build();
  }

  private static String node(int number) {
    return "node-" + number;
  }

  int size() {
    return identities.size();
  }

  String name(int number) {
    return identities.get(number).name();
  }

  /** The one that is told of all placements. */
  SimulatedAgent owner() {
    return agents.getFirst();
  }

  /** The Swarm says that a node is down, or ready again. */
  void swarmSays(int number, String state) {
    if (state.equals("down")) {
      down.add(node(number));
    } else {
      down.remove(node(number));
    }
    owner().tell(swarm(0));
  }

  void kill(int number) {
    agents.get(number).close();
  }

  synchronized void start(int number) {
    agents.set(number, identities.get(number).open(swarm(number)));
  }

  @Override
  public void close() {
    beats.shutdownNow();
    agents.forEach(SimulatedAgent::close);
  }
}
