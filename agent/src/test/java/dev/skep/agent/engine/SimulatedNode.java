package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.SecretBytes;
import dev.skep.agent.task.ServiceSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A machine of a {@link SimulatedSwarm}, and its engine. */
public final class SimulatedNode
    implements Engine, Engine.Membership, Engine.Swarm, Engine.Cluster, Engine.Images {
  private final SimulatedSwarm swarm;
  private final String name;
  private String id;
  private final InstantSource ownClock;
  private final Set<String> images = new TreeSet<>();

  /** They outlive services, containers and the engine's death. */
  private final Set<String> volumes = new TreeSet<>();

  /** Containers whose service is gone; they end when the node hears of it. */
  private final List<SimulatedTask> orphans = new ArrayList<>();

  private final List<Past> past = new CopyOnWriteArrayList<>();
  private boolean active;
  private boolean managing;

  /** What the Swarm was told that it shall be. */
  private boolean managerRole;

  private int memberships;
  private boolean stopped;
  private boolean cut;
  private Consumer<String> onCall = call -> {};
  private Consumer<String> onAnswer = call -> {};

  /** Since when the Swarm does not hear of it. */
  Optional<Instant> unreachedSince = Optional.empty();

  private record Past(Instant when, EngineEvent event) {}

  SimulatedNode(SimulatedSwarm swarm, String id, InstantSource ownClock) {
    this.swarm = swarm;
    this.name = id;
    this.id = id;
    this.ownClock = ownClock;
  }

  public String id() {
    return id;
  }

  /** Runs before every call, with its name; may refuse by throwing an {@link EngineFailure}. */
  public void onCall(Consumer<String> hook) {
    onCall = hook;
  }

  /** Runs after every change, which is made then; throws when its answer gets lost. */
  public void onAnswer(Consumer<String> hook) {
    onAnswer = hook;
  }

  /** The engine dies, and its containers with it. */
  public void stop() {
    stopped = true;
    unreach();
    swarm.services.values().stream()
        .filter(s -> s.node().equals(id))
        .flatMap(s -> s.tasks.stream())
        .filter(SimulatedTask::live)
        .forEach(t -> t.become("dead", "", swarm.now(), ownClock.instant()));
    orphans.clear();
  }

  public void start() {
    stopped = false;
    reach();
  }

  /** Its containers and its agent run on, but the rest of the Swarm does not reach it. */
  public void cut() {
    cut = true;
    unreach();
  }

  public void mend() {
    cut = false;
    reach();
  }

  private void unreach() {
    if (unreachedSince.isEmpty()) {
      unreachedSince = Optional.of(swarm.now());
    }
  }

  private void reach() {
    if (!stopped && !cut) {
      unreachedSince = Optional.empty();
      swarm.advance();
    }
  }

  public boolean up() {
    return active && !stopped;
  }

  boolean calledDown() {
    return swarm.stateOf(this).equals("down");
  }

  /** As if it had joined long ago. */
  public void member(boolean manager) {
    active = true;
    managing = manager;
    managerRole = manager;
  }

  boolean managing() {
    return active && managing;
  }

  /** Without it there is no Swarm. */
  public boolean soleManager() {
    return managing() && swarm.nodes.values().stream().filter(SimulatedNode::managing).count() == 1;
  }

  public boolean reached() {
    return unreachedSince.isEmpty();
  }

  /** As if somebody had deleted all images. */
  public Set<String> imagesThere() {
    return images;
  }

  /** Containers that run although no service wants them. */
  public int orphans() {
    return orphans.size();
  }

  void forget(SimulatedTask task, SimulatedService service) {
    if (unreachedSince.isPresent()) {
      orphans.add(task);
    } else {
      past("container", "die", service);
    }
  }

  /** Lets its tasks go on. */
  void advance() {
    if (reached() && swarm.led()) {
      managing = managerRole;
    }
    if (stopped || unreachedSince.isPresent() || !swarm.led()) {
      return;
    }
    orphans.clear();
    for (var service : swarm.services.values()) {
      if (service.node().equals(id)) {
        service.tasks.forEach(t -> advance(service, t));
      }
    }
  }

  void advance(SimulatedService service, SimulatedTask task) {
    if (stopped || unreachedSince.isPresent() || !swarm.led()) {
      return;
    }
    switch (task.state) {
      case "pending" -> begin(service, task);
      case "starting" -> {
        if (due(task, swarm.start)) {
          started(service, task);
        }
      }
      case "running" -> {
        if (!task.wanted) {
          task.become("stopping", "", swarm.now(), ownClock.instant());
        }
      }
      case "stopping" -> {
        if (due(task, swarm.stop())) {
          task.become("shutdown", "", swarm.now(), ownClock.instant());
          past("container", "die", service);
        }
      }
      case "dead" ->
          task.become(
              task.wanted ? "failed" : "shutdown",
              task.wanted ? "task: non-zero exit (137)" : "",
              swarm.now(),
              ownClock.instant());
      default -> {}
    }
  }

  private boolean due(SimulatedTask task, java.time.Duration after) {
    return !task.changed.plus(after).isAfter(swarm.now());
  }

  private void begin(SimulatedService service, SimulatedTask task) {
    if (!task.wanted) {
      task.become("shutdown", "", swarm.now(), ownClock.instant());
      return;
    }
    volumes(task).forEach(volumes::add);
    String image = task.template.containerSpec().image();
    if (!images.contains(image) && swarm.registry.refusal(image).isPresent()) {
      task.become("rejected", "No such image: " + image, swarm.now(), ownClock.instant());
      return;
    }
    images.add(image);
    task.container = "container-" + task.id;
    task.become("starting", "", swarm.now(), ownClock.instant());
    past("container", "start", service);
  }

  private void started(SimulatedService service, SimulatedTask task) {
    boolean broken = swarm.registry.broken(task.template.containerSpec().image());
    task.become(
        broken ? "failed" : task.wanted ? "running" : "shutdown",
        broken ? "task: non-zero exit (1)" : "",
        swarm.now(),
        ownClock.instant());
    past("container", broken ? "die" : "health_status", service);
  }

  private void past(String type, String action, SimulatedService service) {
    past(type, action, service.placement());
  }

  private void past(String type, String action, String placement) {
    past.add(new Past(ownClock.instant(), new EngineEvent(type, action, placement)));
    if (past.size() > 1_000) {
      past.removeFirst();
    }
  }

  /** Events that nobody has taken yet. */
  public List<EngineEvent> takeEvents() {
    var events = past.stream().map(Past::event).toList();
    past.clear();
    return events;
  }

  private void call(String name) {
    if (stopped) {
      throw new EngineFailure(Code.ENGINE_DOWN, "the engine does not answer");
    }
    onCall.accept(name);
    swarm.advance();
  }

  private void clusterCall(String name) {
    call(name);
    if (!managing) {
      throw new EngineFailure(Code.NOT_MANAGER, "This node is not a swarm manager");
    }
    if (cut || !swarm.led()) {
      throw new EngineFailure(Code.ENGINE_ERROR, "The swarm does not have a leader");
    }
  }

  @Override
  public EngineInfo info() {
    call("info");
    var member =
        active
            ? new Observed.Swarm(
                "active", id, "swarm1", managing, address(), List.of("10.0.0.1:2377"), null)
            : new Observed.Swarm("inactive", "", "", false, "", List.of(), null);
    return new EngineInfo("simulated", ApiVersion.FLOOR, member);
  }

  private String address() {
    return managing ? "10.0.0.1:2377" : "";
  }

  @Override
  public Membership membership() {
    return this;
  }

  @Override
  public Cluster cluster() {
    return this;
  }

  @Override
  public Secrets secrets() {
    return new Secrets() {
      @Override
      public List<Observed.Secret> all() {
        clusterCall("secrets");
        return swarm.secrets.all();
      }

      @Override
      public String create(String name, Map<String, String> labels, SecretBytes value) {
        clusterCall("createSecret");
        String secret = swarm.secrets.create(name, labels, value);
        onAnswer.accept("createSecret");
        return secret;
      }

      @Override
      public void remove(String secret) {
        clusterCall("removeSecret");
        swarm.secrets.remove(secret);
        onAnswer.accept("removeSecret");
      }
    };
  }

  @Override
  public Images images() {
    return this;
  }

  @Override
  public void init(String advertiseAddress) {
    call("init");
    if (active) {
      throw new EngineFailure(Code.ENGINE_ERROR, "This node is already part of a swarm");
    }
    member(true);
    past("swarm", "init", "");
    onAnswer.accept("init");
  }

  @Override
  public void join(String advertiseAddress, List<String> managers, String token) {
    call("join");
    if (active) {
      throw new EngineFailure(Code.ENGINE_ERROR, "This node is already part of a swarm");
    }
    if (!swarm.led()) {
      throw new EngineFailure(Code.ENGINE_ERROR, "the manager does not answer");
    }
    member(false);
    past("swarm", "join", "");
    onAnswer.accept("join");
  }

  @Override
  public void leave() {
    call("leave");
    active = false;
    managing = false;
    managerRole = false;
    swarm.left(this, name + "-" + ++memberships);
    past("swarm", "leave", "");
    onAnswer.accept("leave");
  }

  void become(String newId) {
    id = newId;
  }

  @Override
  public void recover(String advertiseAddress) {
    call("recover");
    swarm.nodes.values().stream().filter(n -> n != this).forEach(SimulatedNode::demote);
    past("swarm", "recover", "");
    onAnswer.accept("recover");
  }

  private void demote() {
    managing = false;
    managerRole = false;
  }

  @Override
  public Engine.Swarm swarm() {
    return this;
  }

  @Override
  public SwarmSettings settings() {
    clusterCall("settings");
    return new SwarmSettings("SWMTKN-1-worker", swarm.ownerEpoch);
  }

  @Override
  public void claim(long ownerEpoch) {
    clusterCall("claim");
    swarm.ownerEpoch = ownerEpoch;
    onAnswer.accept("claim");
  }

  @Override
  public List<Observed.Node> nodes() {
    clusterCall("nodes");
    return swarm.nodes.values().stream()
        .filter(n -> n.active)
        .map(SimulatedNode::observed)
        .toList();
  }

  private Observed.Node observed() {
    return new Observed.Node(
        id,
        swarm.stateOf(this),
        "active",
        managerRole,
        managing,
        !managing || reached(),
        swarm.leads(this),
        address());
  }

  @Override
  public void assignRole(String nodeId, NodeRole role) {
    clusterCall("assignRole");
    var node = swarm.node(nodeId);
    node.managerRole = role == NodeRole.MANAGER;
    node.managing &= node.managerRole;
    past("node", "update", "");
    onAnswer.accept("assignRole");
  }

  @Override
  public void removeNode(String nodeId) {
    clusterCall("removeNode");
    var node = swarm.node(nodeId);
    if (node.managing || !node.calledDown()) {
      throw new EngineFailure(Code.ENGINE_ERROR, "node " + nodeId + " is not down");
    }
    swarm.nodes.remove(nodeId);
    onAnswer.accept("removeNode");
  }

  @Override
  public List<Observed.Service> services() {
    clusterCall("services");
    return swarm.observedServices();
  }

  @Override
  public Optional<Observed.Service> service(String idOrName) {
    clusterCall("service");
    return swarm.service(idOrName).map(SimulatedService::observed);
  }

  @Override
  public String createService(ServiceSpec spec) {
    clusterCall("createService");
    swarm.secrets.check(spec);
    String service = swarm.create(spec);
    past("service", "create", spec.labels().getOrDefault(Labels.PLACEMENT, ""));
    onAnswer.accept("createService");
    return service;
  }

  @Override
  public void updateService(String service, long version, ServiceSpec spec) {
    clusterCall("updateService");
    swarm.secrets.check(spec);
    swarm.update(service, version, spec);
    past("service", "update", spec.labels().getOrDefault(Labels.PLACEMENT, ""));
    onAnswer.accept("updateService");
  }

  @Override
  public void removeService(String service) {
    clusterCall("removeService");
    swarm.remove(service);
    past("service", "remove", "");
    onAnswer.accept("removeService");
  }

  @Override
  public List<Observed.Task> tasks() {
    clusterCall("tasks");
    return swarm.observedTasks();
  }

  @Override
  public List<Observed.Network> networks() {
    clusterCall("networks");
    return List.copyOf(swarm.networks.values());
  }

  @Override
  public String createNetwork(String name, String subnet, Map<String, String> labels) {
    clusterCall("createNetwork");
    if (swarm.networks.values().stream().anyMatch(n -> n.name().equals(name))) {
      throw new EngineFailure(Code.CONFLICT, "network with name " + name + " already exists");
    }
    String network = swarm.nextId("network");
    swarm.networks.put(network, new Observed.Network(network, name, subnet, labels));
    past("network", "create", "");
    onAnswer.accept("createNetwork");
    return network;
  }

  @Override
  public void removeNetwork(String network) {
    clusterCall("removeNetwork");
    boolean used =
        swarm.services.values().stream()
            .flatMap(s -> s.spec.taskTemplate().networks().stream())
            .anyMatch(a -> a.target().equals(network));
    if (used) {
      throw new EngineFailure(Code.IN_USE, "network " + network + " is in use");
    }
    if (swarm.networks.remove(network) == null) {
      throw new EngineFailure(Code.NOT_FOUND, "network " + network + " not found");
    }
    past("network", "remove", "");
    onAnswer.accept("removeNetwork");
  }

  @Override
  public Set<String> names() {
    call("names");
    return Set.copyOf(images);
  }

  @Override
  public boolean has(String name) {
    call("has");
    return images.contains(name);
  }

  @Override
  public void pull(String name) {
    call("pull");
    swarm
        .registry
        .refusal(name)
        .ifPresent(
            code -> {
              throw new EngineFailure(code, "no " + name);
            });
    images.add(name);
    onAnswer.accept("pull");
  }

  @Override
  public void remove(String name) {
    call("removeImage");
    if (!images.contains(name)) {
      throw new EngineFailure(Code.NOT_FOUND, "No such image: " + name);
    }
    boolean used =
        swarm.services.values().stream()
            .filter(s -> s.node().equals(id))
            .flatMap(s -> s.tasks.stream())
            .anyMatch(t -> t.live() && t.template.containerSpec().image().equals(name));
    if (used) {
      throw new EngineFailure(Code.IN_USE, "container is using its referenced image");
    }
    images.remove(name);
  }

  @Override
  public Volumes volumes() {
    return new Volumes() {
      @Override
      public Set<String> names() {
        call("volumes");
        return Set.copyOf(volumes);
      }

      @Override
      public void remove(String volume) {
        call("removeVolume");
        removeVolume(volume);
      }
    };
  }

  private void removeVolume(String volume) {
    boolean used =
        Stream.concat(
                orphans.stream(),
                swarm.services.values().stream()
                    .filter(s -> s.node().equals(id))
                    .flatMap(s -> s.tasks.stream())
                    .filter(SimulatedTask::live))
            .flatMap(SimulatedNode::volumes)
            .anyMatch(volume::equals);
    if (used) {
      throw new EngineFailure(Code.IN_USE, "remove " + volume + ": volume is in use");
    }
    if (!volumes.remove(volume)) {
      throw new EngineFailure(Code.NOT_FOUND, "get " + volume + ": no such volume");
    }
    past("volume", "destroy", "");
  }

  Stream<SimulatedSwarm.Writer> writers() {
    return Stream.concat(
            orphans.stream(),
            swarm.services.values().stream()
                .filter(s -> s.node().equals(id))
                .flatMap(s -> s.tasks.stream()))
        .filter(SimulatedTask::live)
        .flatMap(t -> volumes(t).map(v -> new SimulatedSwarm.Writer(service(t), id, v, t.id)));
  }

  private static String service(SimulatedTask task) {
    return task.template.containerSpec().labels().getOrDefault(Labels.SERVICE, "");
  }

  private static Stream<String> volumes(SimulatedTask task) {
    return Optional.ofNullable(task.template.containerSpec().mounts()).stream()
        .flatMap(List::stream)
        .filter(m -> m.type().equals("volume"))
        .map(ServiceSpec.Mount::source);
  }

  @Override
  public List<Observed.Container> localContainers() {
    call("localContainers");
    var containers = new ArrayList<Observed.Container>();
    for (var service : swarm.services.values()) {
      if (service.node().equals(id)) {
        service.tasks.stream()
            .filter(t -> !t.container.isEmpty())
            .forEach(t -> containers.add(container(t)));
      }
    }
    orphans.forEach(t -> containers.add(container(t)));
    return containers;
  }

  @Override
  public void stopContainer(String container, java.time.Duration grace) {
    call("stopContainer");
    Stream.concat(swarm.tasks().stream(), orphans.stream())
        .filter(t -> t.container.equals(container) && t.live())
        .forEach(t -> t.become("dead", "", swarm.now(), ownClock.instant()));
    orphans.removeIf(t -> !t.live());
    onAnswer.accept("stopContainer");
  }

  private static Observed.Container container(SimulatedTask task) {
    var labels = task.template.containerSpec().labels();
    return new Observed.Container(
        task.container,
        "/log/" + task.container + "-json.log",
        labels.getOrDefault(Labels.SERVICE, ""),
        labels.getOrDefault(Labels.PLACEMENT, ""),
        task.live() ? 4242 : 0);
  }

  @Override
  public void watch(Instant since, Consumer<EngineEvent> each) {
    call("watch");
    int told = 0;
    try {
      while (!stopped) {
        for (; told < past.size(); told++) {
          if (!past.get(told).when().isBefore(since)) {
            each.accept(past.get(told).event());
          }
        }
        Thread.sleep(5);
      }
    } catch (InterruptedException e) {
      throw new EngineFailure(Code.ENGINE_DOWN, "interrupted", e);
    }
  }
}
