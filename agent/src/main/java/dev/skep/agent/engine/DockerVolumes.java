package dev.skep.agent.engine;

import com.google.gson.reflect.TypeToken;
import dev.skep.agent.engine.EngineFailure.Code;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Volumes of this machine, by the Docker Engine API. There is no call here that prunes. */
final class DockerVolumes implements Engine.Volumes {
  private final Transport transport;

  DockerVolumes(Transport transport) {
    this.transport = transport;
  }

  @Override
  public Set<String> names() {
    var body = transport.call("GET", "/volumes", null, DockerEngine.PATIENT);
    var listed = Json.read(body, new TypeToken<Wire.VolumeList>() {}).volumes();
    return Objects.requireNonNullElse(listed, List.<Wire.Volume>of()).stream()
        .map(Wire.Volume::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void remove(String name) {
    try {
      transport.call("DELETE", "/volumes/" + name, null, DockerEngine.PATIENT);
    } catch (EngineFailure e) {
      throw e.code() == Code.CONFLICT
          ? new EngineFailure(Code.IN_USE, String.valueOf(e.getMessage()), e)
          : e;
    }
  }
}
