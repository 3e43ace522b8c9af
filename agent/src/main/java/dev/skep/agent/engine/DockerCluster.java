package dev.skep.agent.engine;

import static java.util.Objects.requireNonNullElse;

import com.google.gson.reflect.TypeToken;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.ServiceSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Objects of the whole Swarm, by the Docker Engine API. */
final class DockerCluster implements Engine.Cluster {
  private final Transport transport;

  DockerCluster(Transport transport) {
    this.transport = transport;
  }

  @Override
  public List<Observed.Service> services() {
    var body = transport.call("GET", "/services?" + labelled(Labels.PLACEMENT), null, patient());
    return Json.read(body, new TypeToken<List<Wire.Service>>() {}).stream()
        .map(DockerCluster::service)
        .toList();
  }

  @Override
  public Optional<Observed.Service> service(String idOrName) {
    try {
      var body = transport.call("GET", "/services/" + idOrName, null, patient());
      return Optional.of(service(Json.read(body, Wire.Service.class)));
    } catch (EngineFailure e) {
      if (e.code() == EngineFailure.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Observed.Service service(Wire.Service service) {
    var parts = Json.read(service.spec().toString(), Wire.ServiceParts.class);
    return new Observed.Service(
        service.id(),
        service.version().index(),
        parts.name(),
        orEmpty(parts.labels()),
        containerLabels(parts.taskTemplate()),
        SpecFingerprint.of(service.spec()));
  }

  private static Map<String, String> containerLabels(Wire.@Nullable TaskSpec spec) {
    return Optional.ofNullable(spec)
        .map(Wire.TaskSpec::containerSpec)
        .map(Wire.ContainerSpec::labels)
        .orElse(Map.of());
  }

  @Override
  public String createService(ServiceSpec spec) {
    var body = transport.call("POST", "/services/create", spec, patient());
    return Json.read(body, Wire.Id.class).id();
  }

  @Override
  public void updateService(String id, long version, ServiceSpec spec) {
    transport.call("POST", "/services/" + id + "/update?version=" + version, spec, patient());
  }

  @Override
  public void removeService(String id) {
    transport.call("DELETE", "/services/" + id, null, patient());
  }

  @Override
  public List<Observed.Task> tasks() {
    var body = transport.call("GET", "/tasks?" + labelled(Labels.PLACEMENT), null, patient());
    return Json.read(body, new TypeToken<List<Wire.Task>>() {}).stream()
        .map(DockerCluster::task)
        .toList();
  }

  private static Observed.Task task(Wire.Task task) {
    var labels = containerLabels(task.spec());
    var container = Optional.ofNullable(task.status().containerStatus());
    return new Observed.Task(
        task.id(),
        requireNonNullElse(task.serviceId(), ""),
        labels.getOrDefault(Labels.PLACEMENT, ""),
        Labels.generation(labels.get(Labels.GENERATION)),
        task.slot(),
        container.map(Wire.ContainerStatus::containerId).orElse(""),
        task.status().state(),
        task.desiredState().equals("running"),
        Scrub.message(requireNonNullElse(task.status().err(), "")),
        Instant.parse(task.status().timestamp()));
  }

  @Override
  public List<Observed.Network> networks() {
    var body = transport.call("GET", "/networks?" + labelled(Labels.NETWORK), null, patient());
    return Json.read(body, new TypeToken<List<Wire.Network>>() {}).stream()
        .map(n -> new Observed.Network(n.id(), n.name(), subnet(n.ipam()), orEmpty(n.labels())))
        .toList();
  }

  private static String subnet(Wire.@Nullable Ipam ipam) {
    return Optional.ofNullable(ipam)
        .map(Wire.Ipam::config)
        .flatMap(pools -> pools.stream().findFirst())
        .map(Wire.Pool::subnet)
        .orElse("");
  }

  @Override
  public String createNetwork(String name, String subnet, Map<String, String> labels) {
    var ipam = new Wire.Ipam("default", List.of(new Wire.Pool(subnet)));
    var create = new Wire.NetworkCreate(name, true, "overlay", false, ipam, labels);
    var body = transport.call("POST", "/networks/create", create, patient());
    return Json.read(body, Wire.Id.class).id();
  }

  @Override
  public void removeNetwork(String id) {
    transport.call("DELETE", "/networks/" + id, null, patient());
  }

  private static String labelled(String label) {
    return DockerEngine.filters("{\"label\":[\"" + label + "\"]}");
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> labels) {
    return labels == null ? Map.of() : labels;
  }

  private static java.time.Duration patient() {
    return DockerEngine.PATIENT;
  }
}
