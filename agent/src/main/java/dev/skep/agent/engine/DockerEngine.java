package dev.skep.agent.engine;

import static java.util.Objects.requireNonNullElse;

import com.google.gson.Strictness;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A real Docker Engine. */
public final class DockerEngine implements Engine, AutoCloseable {
  static final Duration QUICK = Duration.ofSeconds(10);

  /** Listing a large Swarm, and changes that wait for the leader of the managers. */
  static final Duration PATIENT = Duration.ofSeconds(30);

  private final Transport transport;
  private final DockerMembership membership;
  private final DockerSwarm swarm;
  private final DockerCluster cluster;
  private final DockerSecrets secrets;
  private final DockerImages images;
  private final DockerVolumes volumes;

  /** Never changes during a container's life, and costs a call for each. */
  // Nothing of it changes while a container runs.
  private final Map<String, Wire.ContainerInspect> running = new ConcurrentHashMap<>();

  public DockerEngine(URI host) {
    this.transport = new Transport(host);
    this.membership = new DockerMembership(transport);
    this.swarm = new DockerSwarm(transport);
    this.cluster = new DockerCluster(transport);
    this.secrets = new DockerSecrets(transport);
    this.images = new DockerImages(transport);
    this.volumes = new DockerVolumes(transport);
  }

  @Override
  public EngineInfo info() {
    // A manager without a leader thinks about it for 20 s.
    var info = Json.read(transport.call("GET", "/info", null, PATIENT), Wire.SystemInfo.class);
    var swarm = info.swarm();
    var peers = requireNonNullElse(swarm.remoteManagers(), List.<Wire.Peer>of());
    String nodeId = requireNonNullElse(swarm.nodeId(), "");
    return new EngineInfo(
        info.serverVersion(),
        transport.version(QUICK),
        new Observed.Swarm(
            requireNonNullElse(swarm.localNodeState(), "inactive"),
            nodeId,
            Optional.ofNullable(swarm.cluster()).map(Wire.Id::id).orElse(""),
            swarm.controlAvailable(),
            ownAddress(peers, nodeId, requireNonNullElse(swarm.nodeAddr(), "")),
            peers.stream().map(Wire.Peer::addr).toList(),
            swarm.error() == null || swarm.error().isEmpty()
                ? null
                : Scrub.message(swarm.error())));
  }

  private static String ownAddress(List<Wire.Peer> peers, String nodeId, String fallback) {
    return peers.stream()
        .filter(p -> p.nodeId().equals(nodeId))
        .map(Wire.Peer::addr)
        .findFirst()
        .orElse(fallback);
  }

  @Override
  public Membership membership() {
    return membership;
  }

  @Override
  public Swarm swarm() {
    return swarm;
  }

  @Override
  public Cluster cluster() {
    return cluster;
  }

  @Override
  public Secrets secrets() {
    return secrets;
  }

  @Override
  public Images images() {
    return images;
  }

  @Override
  public Volumes volumes() {
    return volumes;
  }

  @Override
  public List<Observed.Container> localContainers() {
    var body =
        transport.call(
            "GET",
            "/containers/json?all=true&" + filters("{\"label\":[\"" + Labels.PLACEMENT + "\"]}"),
            null,
            PATIENT);
    var list = Json.read(body, new TypeToken<List<Wire.ContainerSummary>>() {});
    var present = new HashSet<String>();
    list.forEach(c -> present.add(c.id()));
    running.keySet().retainAll(present);
    return list.stream().flatMap(c -> container(c).stream()).toList();
  }

  private Optional<Observed.Container> container(Wire.ContainerSummary summary) {
    try {
      boolean runs = summary.state().equals("running");
      var inspected =
          runs ? running.computeIfAbsent(summary.id(), this::inspect) : inspect(summary.id());
      var labels = requireNonNullElse(summary.labels(), Map.<String, String>of());
      return Optional.of(
          new Observed.Container(
              summary.id(),
              requireNonNullElse(inspected.logPath(), ""),
              labels.getOrDefault(Labels.SERVICE, ""),
              labels.getOrDefault(Labels.PLACEMENT, ""),
              runs ? inspected.state().pid() : 0));
    } catch (EngineFailure e) {
      if (e.code() == EngineFailure.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void stopContainer(String id, Duration grace) {
    try {
      transport.call(
          "POST", "/containers/" + id + "/stop?t=" + grace.toSeconds(), null, grace.plus(PATIENT));
    } catch (EngineFailure e) {
      if (e.code() != EngineFailure.Code.NOT_FOUND) {
        throw e;
      }
    }
  }

  private Wire.ContainerInspect inspect(String id) {
    var body = transport.call("GET", "/containers/" + id + "/json", null, QUICK);
    return Json.read(body, Wire.ContainerInspect.class);
  }

  @Override
  public void watch(Instant since, Consumer<EngineEvent> each) {
    // Each probe makes three exec events; without the list of actions they would drown the rest.
    String wanted =
        """
        {"type":["container","service","node","network"],"event":["start","die","health_status",\
        "create","update","remove","destroy"]}""";
    String path = "/events?since=" + since.getEpochSecond() + "&" + filters(wanted);
    try (var response = transport.open(path, QUICK);
        var reader =
            new JsonReader(new InputStreamReader(response.getBody(), StandardCharsets.UTF_8))) {
      reader.setStrictness(Strictness.LENIENT);
      while (reader.peek() != JsonToken.END_DOCUMENT) {
        each.accept(event(Json.read(reader)));
      }
    } catch (IOException e) {
      throw new EngineFailure(EngineFailure.Code.ENGINE_DOWN, "the engine's event stream broke", e);
    }
  }

  private static EngineEvent event(Wire.Event event) {
    var attributes =
        Optional.ofNullable(event.actor())
            .map(Wire.Actor::attributes)
            .orElse(Map.<String, String>of());
    return new EngineEvent(
        requireNonNullElse(event.type(), ""),
        requireNonNullElse(event.action(), ""),
        attributes.getOrDefault(Labels.PLACEMENT, ""));
  }

  static String filters(String json) {
    return "filters=" + URLEncoder.encode(json, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    transport.close();
  }
}
