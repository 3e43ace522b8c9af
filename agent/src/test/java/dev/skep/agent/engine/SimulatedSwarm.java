package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.ServiceSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A Swarm of several nodes in memory that keeps the engine's contract. Its time is an argument: a
 * replica takes a while to start and to stop, an update replaces some replicas after the others,
 * and a node that is not reached is called down after some time.
 */
public final class SimulatedSwarm {
  static final Duration START = Duration.ofMillis(700);
  private static final Duration STOP = Duration.ofMillis(300);
  private static final Duration RESTART = Duration.ofSeconds(1);
  private static final Duration CALLED_DOWN = Duration.ofSeconds(15);
  private static final int HISTORY = 5;

  final InstantSource clock;
  final Duration start;
  final Registry registry;
  final Map<String, SimulatedNode> nodes = new TreeMap<>();
  final Map<String, SimulatedService> services = new TreeMap<>();
  final Map<String, Observed.Network> networks = new TreeMap<>();
  final FakeSecrets secrets =
      new FakeSecrets(name -> {}, () -> services.values().stream().map(s -> s.spec));
  private long index;
  long ownerEpoch;

  /** What a registry answers. */
  public interface Registry {
    /** Empty when it hands the image out. */
    Optional<Code> refusal(String image);

    /** Whether a container of this image ends with an error soon after its start. */
    boolean broken(String image);
  }

  public SimulatedSwarm(InstantSource clock, Registry registry) {
    this(clock, registry, START);
  }

  SimulatedSwarm(InstantSource clock, Registry registry, Duration start) {
    this.clock = clock;
    this.registry = registry;
    this.start = start;
  }

  /** A machine with an engine that is in no Swarm yet. */
  public SimulatedNode addNode(String id, InstantSource ownClock) {
    var node = new SimulatedNode(this, id, ownClock);
    nodes.put(id, node);
    return node;
  }

  public Collection<SimulatedNode> nodes() {
    return nodes.values();
  }

  String nextId(String kind) {
    return "%s%06d".formatted(kind, ++index);
  }

  long nextIndex() {
    return ++index;
  }

  /** Whether enough managers reach each other; else nothing changes, and what runs runs on. */
  public boolean led() {
    long managers = nodes.values().stream().filter(SimulatedNode::managing).count();
    return voters().count() * 2 > managers;
  }

  private Stream<SimulatedNode> voters() {
    return nodes.values().stream().filter(n -> n.managing() && n.reached());
  }

  boolean leads(SimulatedNode node) {
    return voters().findFirst().filter(n -> n == node).isPresent();
  }

  SimulatedNode node(String id) {
    var node = nodes.get(id);
    if (node == null) {
      throw new EngineFailure(Code.NOT_FOUND, "node " + id + " not found");
    }
    return node;
  }

  /** What ran there for this Swarm ends; if the machine comes again, it is another node. */
  void left(SimulatedNode node, String newId) {
    services.values().removeIf(s -> s.node().equals(node.id()));
    nodes.remove(node.id());
    node.become(newId);
    nodes.put(newId, node);
  }

  /** What the Swarm calls a node. */
  String stateOf(SimulatedNode node) {
    boolean lately = node.unreachedSince.map(s -> s.plus(CALLED_DOWN).isAfter(now())).orElse(true);
    return lately ? "ready" : "down";
  }

  Instant now() {
    return clock.instant();
  }

  /** Lets happen what was due until now. */
  public void advance() {
    nodes.values().forEach(SimulatedNode::advance);
    if (led()) {
      services.values().forEach(this::advance);
    }
  }

  private void advance(SimulatedService service) {
    var node = nodes.get(service.node());
    for (var task : List.copyOf(service.tasks)) {
      if (task.wanted && task.lost(node)) {
        task.wanted = false;
      }
    }
    service.orchestrate(this, node, RESTART, HISTORY);
  }

  Duration stop() {
    return STOP;
  }

  Collection<SimulatedTask> tasks() {
    return services.values().stream().flatMap(s -> s.tasks.stream()).toList();
  }

  Optional<SimulatedService> service(String idOrName) {
    return services.values().stream()
        .filter(s -> s.id.equals(idOrName) || s.spec.name().equals(idOrName))
        .findFirst();
  }

  /**
   * A service as a spectator sees it who misses nothing.
   *
   * @param alive containers that there are, in whatever state
   * @param serving those of them that run and are not told to stop
   * @param surge how many more than the replicas may serve during an update
   */
  public record Running(
      String service,
      String placement,
      long generation,
      String node,
      String image,
      int replicas,
      int alive,
      int serving,
      int surge) {}

  /** All services, and what of each really runs. */
  public List<Running> running() {
    return services.values().stream()
        .map(SimulatedService::running)
        .sorted(Comparator.comparing(Running::placement))
        .toList();
  }

  /** A container that may write a volume. */
  public record Writer(String service, String node, String volume, String container) {}

  /** All of them, also those that nobody wants any more. */
  public List<Writer> writers() {
    return nodes.values().stream().flatMap(SimulatedNode::writers).toList();
  }

  /** Whether every service has all of its replicas, of its newest spec, and no other. */
  public boolean calm() {
    return services.values().stream().allMatch(SimulatedService::calm);
  }

  public int networkCount() {
    return networks.size();
  }

  List<Observed.Service> observedServices() {
    return services.values().stream().map(SimulatedService::observed).toList();
  }

  List<Observed.Task> observedTasks() {
    var all = new ArrayList<Observed.Task>();
    for (var service : services.values()) {
      service.tasks.forEach(t -> all.add(t.observed(service)));
    }
    return all;
  }

  String create(ServiceSpec spec) {
    if (service(spec.name()).isPresent()) {
      throw new EngineFailure(Code.CONFLICT, "name conflicts with an existing object");
    }
    var service = new SimulatedService(nextId("service"), nextIndex(), spec);
    services.put(service.id, service);
    advance();
    return service.id;
  }

  void update(String id, long version, ServiceSpec spec) {
    var service = services.get(id);
    if (service == null) {
      throw new EngineFailure(Code.NOT_FOUND, "service " + id + " not found");
    }
    if (service.version != version) {
      throw new EngineFailure(Code.OUT_OF_SEQUENCE, "update out of sequence");
    }
    service.update(nextIndex(), spec);
    advance();
  }

  void remove(String id) {
    var service = services.remove(id);
    if (service == null) {
      throw new EngineFailure(Code.NOT_FOUND, "service " + id + " not found");
    }
    // What runs on a node that is not reached runs on until the node is back.
    var node = nodes.get(service.node());
    if (node != null) {
      service.tasks.stream().filter(SimulatedTask::live).forEach(t -> node.forget(t, service));
    }
  }
}
