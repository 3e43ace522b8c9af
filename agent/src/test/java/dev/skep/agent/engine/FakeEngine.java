package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.ServiceSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** An engine in memory that keeps the contract; replicas run at once. */
public final class FakeEngine implements Engine, Engine.Membership, Engine.Swarm, Engine.Cluster {
  private final Map<String, Kept> services = new TreeMap<>();
  private final Map<String, Observed.Network> networks = new TreeMap<>();
  private final List<Past> past = new CopyOnWriteArrayList<>();
  private long index;
  private boolean active;

  /** Calls that change something, for tests that count them. */
  public final AtomicInteger changes = new AtomicInteger();

  /** While true every call fails as if nobody listened. */
  public volatile boolean down;

  public final FakeImages images = new FakeImages(this::call, this::uses);

  public final FakeSecrets secrets = new FakeSecrets(name -> called(name), this::specs);

  /** While true this manager has no leader. */
  public volatile boolean leaderless;

  /** What stands on the Swarm. */
  public volatile long ownerEpoch;

  /** The other machines of the Swarm. */
  public final Map<String, Observed.Node> others = new java.util.concurrent.ConcurrentHashMap<>();

  private final Set<String> volumes = ConcurrentHashMap.newKeySet();
  private int node = 1;

  /** Names of services that cannot be created. */
  public final List<String> cursed = new CopyOnWriteArrayList<>();

  /** Containers that were stopped, per task. */
  public final Map<String, Integer> stops = new ConcurrentHashMap<>();

  private record Kept(Observed.Service service, ServiceSpec spec, Instant since) {}

  private record Past(Instant when, EngineEvent event) {}

  private void call() {
    if (down) {
      throw new EngineFailure(Code.ENGINE_DOWN, "the engine does not answer");
    }
  }

  private void called(String name) {
    led();
    if (!name.equals("secrets")) {
      change("secret", name);
    }
  }

  private synchronized Stream<ServiceSpec> specs() {
    return services.values().stream().map(Kept::spec).toList().stream();
  }

  private synchronized String change(String type, String action) {
    changes.incrementAndGet();
    String id = "id" + ++index;
    past.add(new Past(Instant.now(), new EngineEvent(type, action, "")));
    return id;
  }

  @Override
  public synchronized EngineInfo info() {
    call();
    var swarm =
        active
            ? new Observed.Swarm(
                "active", "n" + node, "c1", true, "10.0.0.1:2377", List.of("10.0.0.1:2377"), null)
            : new Observed.Swarm("inactive", "", "", false, "", List.of(), null);
    return new EngineInfo("fake", ApiVersion.FLOOR, swarm);
  }

  @Override
  public Images images() {
    return images;
  }

  private synchronized boolean uses(String image) {
    return services.values().stream()
        .anyMatch(k -> k.spec().taskTemplate().containerSpec().image().equals(image));
  }

  @Override
  public Secrets secrets() {
    return secrets;
  }

  @Override
  public Volumes volumes() {
    return new Volumes() {
      @Override
      public Set<String> names() {
        call();
        return Set.copyOf(volumes);
      }

      @Override
      public void remove(String name) {
        call();
        removeVolume(name);
      }
    };
  }

  private synchronized void removeVolume(String name) {
    if (services.values().stream().anyMatch(k -> volumes(k.spec()).anyMatch(name::equals))) {
      throw new EngineFailure(Code.IN_USE, "volume is in use");
    }
    if (!volumes.remove(name)) {
      throw new EngineFailure(Code.NOT_FOUND, "get " + name + ": no such volume");
    }
    change("volume", "destroy");
  }

  private static Stream<String> volumes(ServiceSpec spec) {
    return Optional.ofNullable(spec.taskTemplate().containerSpec().mounts()).stream()
        .flatMap(List::stream)
        .filter(m -> m.type().equals("volume"))
        .map(ServiceSpec.Mount::source);
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
  public synchronized void init(String advertiseAddress) {
    call();
    if (active) {
      throw new EngineFailure(Code.ENGINE_ERROR, "This node is already part of a swarm");
    }
    change("swarm", "init");
    active = true;
  }

  @Override
  public synchronized void join(String advertiseAddress, List<String> managers, String token) {
    init(advertiseAddress);
  }

  @Override
  public synchronized void leave() {
    call();
    change("swarm", "leave");
    active = false;
    node++;
    services.clear();
    networks.clear();
    secrets.clear();
    ownerEpoch = 0;
  }

  @Override
  public synchronized void recover(String advertiseAddress) {
    call();
    change("swarm", "recover");
    leaderless = false;
    others.replaceAll((id, n) -> node(id, "down", false));
  }

  @Override
  public Engine.Swarm swarm() {
    return this;
  }

  @Override
  public SwarmSettings settings() {
    led();
    return new SwarmSettings("SWMTKN-1-worker", ownerEpoch);
  }

  @Override
  public synchronized void claim(long epoch) {
    led();
    change("swarm", "claim");
    ownerEpoch = epoch;
  }

  @Override
  public synchronized List<Observed.Node> nodes() {
    led();
    var all = new ArrayList<>(List.of(node("n" + node, "ready", true)));
    all.addAll(others.values());
    return all;
  }

  @Override
  public synchronized void assignRole(String nodeId, NodeRole role) {
    led();
    change("node", "update");
    others.computeIfPresent(nodeId, (id, n) -> node(id, n.state(), role == NodeRole.MANAGER));
  }

  @Override
  public synchronized void removeNode(String nodeId) {
    led();
    if (others.remove(nodeId) == null) {
      throw new EngineFailure(Code.NOT_FOUND, "node " + nodeId + " not found");
    }
    change("node", "remove");
  }

  /** Another machine of the Swarm. */
  public static Observed.Node node(String id, String state, boolean manager) {
    return new Observed.Node(
        id, state, "active", manager, manager, true, false, manager ? id + ":2377" : "");
  }

  private void led() {
    call();
    if (leaderless) {
      throw new EngineFailure(Code.ENGINE_ERROR, "The swarm does not have a leader");
    }
  }

  @Override
  public synchronized List<Observed.Service> services() {
    led();
    return services.values().stream().map(Kept::service).toList();
  }

  @Override
  public synchronized Optional<Observed.Service> service(String idOrName) {
    call();
    return services.values().stream()
        .map(Kept::service)
        .filter(s -> s.id().equals(idOrName) || s.name().equals(idOrName))
        .findFirst();
  }

  @Override
  public synchronized String createService(ServiceSpec spec) {
    call();
    if (cursed.contains(spec.name())) {
      throw new EngineFailure(Code.ENGINE_ERROR, "cursed");
    }
    if (service(spec.name()).isPresent()) {
      throw new EngineFailure(Code.CONFLICT, "name conflicts with an existing object");
    }
    secrets.check(spec);
    String id = change("service", "create");
    keep(id, spec);
    past.add(new Past(Instant.now(), new EngineEvent("container", "start", "")));
    return id;
  }

  private void keep(String id, ServiceSpec spec) {
    if (spec.mode().replicated().replicas() > 0) {
      volumes(spec).forEach(volumes::add);
    }
    var observed =
        new Observed.Service(
            id,
            ++index,
            spec.name(),
            Map.copyOf(spec.labels()),
            Map.copyOf(spec.taskTemplate().containerSpec().labels()),
            SpecFingerprint.of(spec));
    services.put(id, new Kept(observed, spec, Instant.now()));
  }

  @Override
  public synchronized void updateService(String id, long version, ServiceSpec spec) {
    call();
    if (!services.containsKey(id)) {
      throw new EngineFailure(Code.NOT_FOUND, "service " + id + " not found");
    }
    if (services.get(id).service().version() != version) {
      throw new EngineFailure(Code.OUT_OF_SEQUENCE, "update out of sequence");
    }
    secrets.check(spec);
    change("service", "update");
    keep(id, spec);
  }

  @Override
  public synchronized void removeService(String id) {
    call();
    if (services.remove(id) == null) {
      throw new EngineFailure(Code.NOT_FOUND, "service " + id + " not found");
    }
    change("service", "remove");
  }

  @Override
  public synchronized List<Observed.Task> tasks() {
    call();
    var all = new ArrayList<Observed.Task>();
    for (var kept : services.values()) {
      for (int slot = 1; slot <= kept.spec().mode().replicated().replicas(); slot++) {
        var service = kept.service();
        all.add(
            new Observed.Task(
                service.id() + "." + slot,
                service.id(),
                service.placementId(),
                service.containerGeneration(),
                slot,
                container(service.id() + "." + slot),
                "running",
                true,
                "",
                kept.since()));
      }
    }
    return all;
  }

  @Override
  public synchronized List<Observed.Network> networks() {
    led();
    return List.copyOf(networks.values());
  }

  @Override
  public synchronized String createNetwork(String name, String subnet, Map<String, String> labels) {
    call();
    if (networks.values().stream().anyMatch(n -> n.name().equals(name))) {
      throw new EngineFailure(Code.CONFLICT, "network with name " + name + " already exists");
    }
    String id = change("network", "create");
    networks.put(id, new Observed.Network(id, name, subnet, labels));
    return id;
  }

  @Override
  public synchronized void removeNetwork(String id) {
    call();
    boolean used =
        services.values().stream()
            .flatMap(k -> k.spec().taskTemplate().networks().stream())
            .anyMatch(a -> a.target().equals(id));
    if (used) {
      throw new EngineFailure(Code.IN_USE, "network " + id + " is in use");
    }
    if (networks.remove(id) == null) {
      throw new EngineFailure(Code.NOT_FOUND, "network " + id + " not found");
    }
    change("network", "remove");
  }

  @Override
  public synchronized List<Observed.Container> localContainers() {
    return tasks().stream()
        .map(
            t ->
                new Observed.Container(
                    t.containerId(),
                    "/log/" + t.containerId() + "-json.log",
                    serviceLabel(t.serviceId()),
                    t.placementId(),
                    4242))
        .toList();
  }

  private String container(String task) {
    return "container-" + task + "." + stops.getOrDefault(task, 0);
  }

  /** The Swarm starts the next one at once. */
  @Override
  public synchronized void stopContainer(String container, Duration grace) {
    call();
    tasks().stream()
        .filter(t -> t.containerId().equals(container))
        .forEach(t -> stops.merge(t.id(), 1, Integer::sum));
  }

  private String serviceLabel(String id) {
    var kept = services.get(id);
    return kept == null ? "" : kept.service().labels().getOrDefault(Labels.SERVICE, "");
  }

  @Override
  public void watch(Instant since, Consumer<EngineEvent> each) {
    call();
    int told = 0;
    try {
      while (!down) {
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
