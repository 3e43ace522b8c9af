package dev.skep.agent.engine;

import static java.util.Objects.requireNonNullElse;

import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Swarm and its nodes, by the Docker Engine API. Both are changed by sending the whole spec
 * back as it was read: nobody but the engine knows all its fields.
 */
final class DockerSwarm implements Engine.Swarm {
  private final Transport transport;

  DockerSwarm(Transport transport) {
    this.transport = transport;
  }

  @Override
  public Engine.SwarmSettings settings() {
    var swarm = inspect();
    var labels = requireNonNullElse(parts(swarm).labels(), Map.<String, String>of());
    return new Engine.SwarmSettings(
        swarm.joinTokens().worker(), Labels.generation(labels.get(Labels.OWNER_EPOCH)));
  }

  @Override
  public void claim(long ownerEpoch) {
    var swarm = inspect();
    var spec = swarm.spec();
    if (!(spec.get("Labels") instanceof JsonObject)) {
      spec.add("Labels", new JsonObject());
    }
    spec.getAsJsonObject("Labels").addProperty(Labels.OWNER_EPOCH, Long.toString(ownerEpoch));
    var path = "/swarm/update?version=" + swarm.version().index();
    transport.call("POST", path, spec, DockerEngine.PATIENT);
  }

  private Wire.SwarmInspect inspect() {
    var body = transport.call("GET", "/swarm", null, DockerEngine.PATIENT);
    return Json.read(body, Wire.SwarmInspect.class);
  }

  private static Wire.SwarmParts parts(Wire.SwarmInspect swarm) {
    return Json.read(swarm.spec().toString(), Wire.SwarmParts.class);
  }

  @Override
  public List<Observed.Node> nodes() {
    var body = transport.call("GET", "/nodes", null, DockerEngine.PATIENT);
    return Json.read(body, new TypeToken<List<Wire.Node>>() {}).stream()
        .map(DockerSwarm::node)
        .toList();
  }

  private static Observed.Node node(Wire.Node node) {
    var spec = Json.read(node.spec().toString(), Wire.NodeParts.class);
    var manager = Optional.ofNullable(node.managerStatus());
    return new Observed.Node(
        node.id(),
        node.status().state(),
        spec.availability(),
        spec.role().equals("manager"),
        manager.isPresent(),
        manager.map(m -> m.reachability().equals("reachable")).orElse(true),
        manager.map(Wire.ManagerStatus::leader).orElse(false),
        manager.map(Wire.ManagerStatus::addr).orElse(""));
  }

  @Override
  public void assignRole(String nodeId, Engine.NodeRole role) {
    var body = transport.call("GET", "/nodes/" + nodeId, null, DockerEngine.PATIENT);
    var node = Json.read(body, Wire.NodeInspect.class);
    node.spec().addProperty("Role", role.name().toLowerCase(java.util.Locale.ROOT));
    var path = "/nodes/" + nodeId + "/update?version=" + node.version().index();
    transport.call("POST", path, node.spec(), DockerEngine.PATIENT);
  }

  @Override
  public void removeNode(String nodeId) {
    transport.call("DELETE", "/nodes/" + nodeId + "?force=true", null, DockerEngine.PATIENT);
  }
}
