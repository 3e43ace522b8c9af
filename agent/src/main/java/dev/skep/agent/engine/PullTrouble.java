package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.ImageName;
import java.util.List;
import java.util.Locale;

/** Says in plain words why an image did not come. The engine has only sentences for it. */
final class PullTrouble {
  /** The engine's words for it, in lower case. */
  private record Sign(String words, Code code) {}

  /** The first that fits. */
  private static final List<Sign> SIGNS =
      List.of(
          new Sign("no space left on device", Code.DISK_FULL),
          new Sign("unauthorized", Code.IMAGE_UNAUTHORIZED),
          new Sign("authentication required", Code.IMAGE_UNAUTHORIZED),
          new Sign("no basic auth credentials", Code.IMAGE_UNAUTHORIZED),
          new Sign("access denied", Code.IMAGE_UNAUTHORIZED),
          new Sign("access to the resource is denied", Code.IMAGE_UNAUTHORIZED),
          new Sign("forbidden", Code.IMAGE_UNAUTHORIZED),
          new Sign("no such host", Code.REGISTRY_UNREACHABLE),
          new Sign("server misbehaving", Code.REGISTRY_UNREACHABLE),
          new Sign("connection refused", Code.REGISTRY_UNREACHABLE),
          new Sign("connection reset", Code.REGISTRY_UNREACHABLE),
          new Sign("unreachable", Code.REGISTRY_UNREACHABLE),
          new Sign("no route to host", Code.REGISTRY_UNREACHABLE),
          new Sign("timeout", Code.REGISTRY_UNREACHABLE),
          new Sign("request canceled", Code.REGISTRY_UNREACHABLE),
          new Sign("deadline exceeded", Code.REGISTRY_UNREACHABLE),
          new Sign("tls", Code.REGISTRY_UNREACHABLE),
          new Sign("x509", Code.REGISTRY_UNREACHABLE),
          new Sign("http response to https client", Code.REGISTRY_UNREACHABLE),
          new Sign("unexpected eof", Code.REGISTRY_UNREACHABLE),
          new Sign("too many requests", Code.REGISTRY_UNREACHABLE),
          new Sign("toomanyrequests", Code.REGISTRY_UNREACHABLE),
          new Sign("bad gateway", Code.REGISTRY_UNREACHABLE),
          new Sign("service unavailable", Code.REGISTRY_UNREACHABLE),
          new Sign("not found", Code.IMAGE_MISSING),
          new Sign("manifest unknown", Code.IMAGE_MISSING),
          new Sign("name unknown", Code.IMAGE_MISSING),
          new Sign("no matching manifest", Code.IMAGE_MISSING));

  private PullTrouble() {}

  static EngineFailure of(String image, EngineFailure failure) {
    String registry = ImageName.registry(image);
    String why = String.valueOf(failure.getMessage());
    if (failure.code() == Code.TIMEOUT) {
      return new EngineFailure(
          Code.REGISTRY_UNREACHABLE, "pulling from " + registry + " stopped: " + why, failure);
    }
    var code = code(why);
    String sentence =
        switch (code) {
          case DISK_FULL -> "the disk of this worker is full";
          case IMAGE_UNAUTHORIZED -> registry + " does not let this worker have the image";
          case IMAGE_MISSING -> registry + " does not have the image";
          case REGISTRY_UNREACHABLE -> registry + " does not answer as it should";
          default -> "the engine could not pull the image";
        };
    return new EngineFailure(code, sentence + ": " + why, failure);
  }

  private static Code code(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    return SIGNS.stream()
        .filter(sign -> lower.contains(sign.words))
        .findFirst()
        .map(Sign::code)
        .orElse(Code.IMAGE_PULL_FAILED);
  }
}
