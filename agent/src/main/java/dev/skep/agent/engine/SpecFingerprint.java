package dev.skep.agent.engine;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.skep.agent.task.Fingerprint;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.ServiceSpec;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Digests a spec so that ours and the engine's copy of it are equal exactly when nobody changed it,
 * also in fields that we never send. Sorted names; absent, null, empty, zero and false are the
 * same, because the engine leaves them out or fills them in as it likes.
 */
public final class SpecFingerprint {
  /** What the engine adds to every spec. */
  private static final Map<String, String> ENGINE_DEFAULTS =
      Map.of("Isolation", "default", "Runtime", "container");

  private SpecFingerprint() {}

  public static Fingerprint of(ServiceSpec spec) {
    return of(Json.tree(spec).getAsJsonObject());
  }

  static Fingerprint of(JsonObject spec) {
    var copy = spec.deepCopy();
    if (copy.get("Labels") instanceof JsonObject labels) {
      labels.remove(Labels.SPEC);
    }
    var template = copy.get("TaskTemplate");
    return new Fingerprint(digest(copy), digest(template == null ? JsonNull.INSTANCE : template));
  }

  private static String digest(JsonElement element) {
    try {
      var text = canonical(element).toString().getBytes(StandardCharsets.UTF_8);
      var sha = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(sha, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static JsonElement canonical(JsonElement element) {
    if (element instanceof JsonObject object) {
      return canonicalObject(object);
    }
    if (element instanceof JsonArray array) {
      var out = new JsonArray();
      array.forEach(e -> out.add(canonical(e)));
      return out;
    }
    if (element instanceof JsonPrimitive primitive && primitive.isNumber()) {
      return new JsonPrimitive(
          new BigDecimal(primitive.getAsString()).stripTrailingZeros().toPlainString());
    }
    return element;
  }

  private static JsonObject canonicalObject(JsonObject object) {
    var sorted = new TreeMap<String, JsonElement>();
    object
        .entrySet()
        .forEach(
            e -> {
              var value = canonical(e.getValue());
              if (!isDefault(e.getKey(), value)) {
                sorted.put(e.getKey(), value);
              }
            });
    var out = new JsonObject();
    sorted.forEach(out::add);
    return out;
  }

  private static boolean isDefault(String name, JsonElement value) {
    return switch (value) {
      case JsonNull n -> true;
      case JsonObject o -> o.isEmpty();
      case JsonArray a -> a.isEmpty();
      case JsonPrimitive p when p.isBoolean() -> !p.getAsBoolean();
      case JsonPrimitive p ->
          p.getAsString().isEmpty()
              || p.getAsString().equals("0")
              || p.getAsString().equals(ENGINE_DEFAULTS.get(name));
      default -> false;
    };
  }
}
