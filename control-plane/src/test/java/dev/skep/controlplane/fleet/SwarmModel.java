package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A Swarm that does what it is told, as far as it has a quorum; one node per worker. */
final class SwarmModel {
  static final Instant NOW = Workers.NOW;
  private static final Instant LONG_AGO = NOW.minusSeconds(600);

  final List<Node> nodes = new ArrayList<>();
  Optional<WorkerId> owner = Optional.empty();
  private int added;

  /** One machine. */
  static final class Node {
    final WorkerId id;
    final String name;
    final String zone;
    boolean alive = true;
    boolean wanted;
    boolean manager;
    String error = "";
    Upkeep upkeep = Upkeep.NONE;

    Node(int number, String zone) {
      this.id = new WorkerId(new UUID(0, number));
      this.name = "w%02d".formatted(number);
      this.zone = zone;
    }

    SwarmMember member() {
      Resources capacity = new Resources(4_000, 8L << 30);
      Worker worker =
          new Worker(
              id,
              new ClusterId(new UUID(0, 1)),
              name,
              Set.of(WorkerRole.MANAGER, WorkerRole.RUN),
              Map.of(Worker.ZONE, zone),
              Set.of(),
              new WorkerFacts(name, "", "", "", "amd64", capacity, 0, 0, "", "", "", true),
              new SwarmNode("node-" + name, alive ? "ready" : "down", "", manager, alive, LONG_AGO),
              new Link(alive, LONG_AGO, alive ? NOW : LONG_AGO),
              upkeep,
              Map.of(),
              new Resources(0, 0),
              1,
              LONG_AGO);
      return new SwarmMember(worker, wanted, error, error.isEmpty() ? null : LONG_AGO);
    }
  }

  /** The first one makes the Swarm. */
  Node add(String zone) {
    Node node = new Node(++added, zone);
    if (nodes.isEmpty()) {
      node.wanted = true;
      node.manager = true;
      owner = Optional.of(node.id);
    }
    nodes.add(node);
    return node;
  }

  List<SwarmMember> members() {
    return nodes.stream().map(Node::member).toList();
  }

  ManagerPlan.Surroundings around() {
    return new ManagerPlan.Surroundings(owner, 0, 0);
  }

  Optional<ManagerPlan.Change> next() {
    return ManagerPlan.next(members(), around(), NOW, Workers.TIMEOUT);
  }

  Ownership ownership() {
    return Ownership.of(members(), around(), NOW);
  }

  boolean quorum() {
    return ManagerPlan.quorum(managers(), voting());
  }

  int managers() {
    return (int) nodes.stream().filter(n -> n.manager).count();
  }

  private int voting() {
    return (int) nodes.stream().filter(n -> n.manager && n.alive).count();
  }

  Node node(WorkerId id) {
    return nodes.stream().filter(n -> n.id.equals(id)).findFirst().orElseThrow();
  }

  void apply(ManagerPlan.Change change) {
    node(change.worker()).wanted = change instanceof ManagerPlan.Change.Promote;
  }

  /** What the Swarm makes of what is wanted. */
  void settle() {
    for (Node node : nodes) {
      if (quorum() && node.alive && node.wanted) {
        node.manager = true;
      }
      if (quorum() && node.manager && !node.wanted) {
        node.manager = false;
        if (!quorum()) {
          node.manager = true;
        }
      }
    }
  }

  /** Goes on until nothing changes; returns the changes. */
  List<ManagerPlan.Change> converge() {
    List<ManagerPlan.Change> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      owner = ownership().owner();
      settle();
      Optional<ManagerPlan.Change> change = next();
      if (change.isEmpty()) {
        return all;
      }
      change.ifPresent(all::add);
      apply(change.get());
    }
    throw new AssertionError("it never settles: " + all);
  }
}
