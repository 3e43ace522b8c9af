package dev.skep.agent.engine;

import com.google.gson.reflect.TypeToken;
import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.ImageName;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Images of this machine, by the Docker Engine API. */
final class DockerImages implements Engine.Images {
  /** For the largest images on slow lines; the next attempt goes on with what is there. */
  private static final Duration PULL = Duration.ofMinutes(15);

  /** Without a word of the engine; it tells of progress every second. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final Transport transport;

  DockerImages(Transport transport) {
    this.transport = transport;
  }

  @Override
  public Set<String> names() {
    var body = transport.call("GET", "/images/json", null, DockerEngine.PATIENT);
    return Json.read(body, new TypeToken<List<Wire.Image>>() {}).stream()
        .flatMap(image -> names(image))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Stream<String> names(Wire.Image image) {
    return Objects.requireNonNullElse(image.repoDigests(), List.<String>of()).stream()
        .filter(name -> !name.startsWith("<none>"))
        .map(ImageName::whole);
  }

  @Override
  public boolean has(String name) {
    try {
      var body = transport.call("GET", "/images/" + name + "/json", null, DockerEngine.QUICK);
      return names(Json.read(body, Wire.Image.class)).anyMatch(name::equals);
    } catch (EngineFailure e) {
      if (e.code() == Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void pull(String name) {
    transport.version(DockerEngine.QUICK);
    String path =
        "/images/create?fromImage="
            + URLEncoder.encode(ImageName.repository(name), StandardCharsets.UTF_8)
            + "&tag="
            + URLEncoder.encode(ImageName.digest(name), StandardCharsets.UTF_8);
    try {
      transport.follow(path, new Transport.Patience(PULL, SILENCE));
    } catch (EngineFailure e) {
      throw e.code() == Code.ENGINE_DOWN ? e : PullTrouble.of(name, e);
    }
  }

  @Override
  public void remove(String name) {
    try {
      transport.call("DELETE", "/images/" + name + "?noprune=true", null, DockerEngine.PATIENT);
    } catch (EngineFailure e) {
      throw e.code() == Code.CONFLICT
          ? new EngineFailure(Code.IN_USE, String.valueOf(e.getMessage()), e)
          : e;
    }
  }
}
