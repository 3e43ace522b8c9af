package dev.skep.agent.engine;

import static java.util.Objects.requireNonNullElse;

import com.google.gson.reflect.TypeToken;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.SecretBytes;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Secrets of the Swarm, by the Docker Engine API. */
final class DockerSecrets implements Engine.Secrets {
  private final Transport transport;

  DockerSecrets(Transport transport) {
    this.transport = transport;
  }

  @Override
  public List<Observed.Secret> all() {
    var filter = DockerEngine.filters("{\"label\":[\"" + Labels.SECRET + "\"]}");
    var body = transport.call("GET", "/secrets?" + filter, null, DockerEngine.PATIENT);
    return Json.read(body, new TypeToken<List<Wire.Secret>>() {}).stream()
        .map(
            s ->
                new Observed.Secret(
                    s.id(), s.spec().name(), requireNonNullElse(s.spec().labels(), Map.of())))
        .toList();
  }

  @Override
  public String create(String name, Map<String, String> labels, SecretBytes value) {
    var create =
        new Wire.SecretCreate(name, labels, Base64.getEncoder().encodeToString(value.get()));
    var body = transport.call("POST", "/secrets/create", create, DockerEngine.PATIENT);
    return Json.read(body, Wire.Id.class).id();
  }

  @Override
  public void remove(String id) {
    transport.call("DELETE", "/secrets/" + id, null, DockerEngine.PATIENT);
  }
}
