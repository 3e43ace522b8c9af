package dev.skep.controlplane.db;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import dev.skep.controlplane.workload.HealthCheck;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Records in JSON columns. */
public final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .registerTypeAdapter(Duration.class, text(Duration::toString, Duration::parse))
          .registerTypeAdapter(Instant.class, text(Instant::toString, Instant::parse))
          .registerTypeAdapter(
              HealthCheck.Kind.class,
              (com.google.gson.JsonSerializer<HealthCheck.Kind>)
                  (k, t, c) -> tagged(c.serialize(k), k))
          .registerTypeAdapter(
              HealthCheck.Kind.class,
              (com.google.gson.JsonDeserializer<HealthCheck.Kind>)
                  (json, t, c) -> c.deserialize(json, kind(json)))
          .create();

  private Json() {}

  public static String write(Object value) {
    return GSON.toJson(value);
  }

  public static <T> T read(String json, Class<T> type) {
    return GSON.fromJson(json, type);
  }

  public static <T> List<T> readList(String json, Class<T> element) {
    TypeToken<?> type = TypeToken.getParameterized(List.class, element);
    @SuppressWarnings("unchecked")
    List<T> list = (List<T>) GSON.fromJson(json, type);
    return list;
  }

  public static Map<String, String> readMap(String json) {
    return GSON.fromJson(json, new TypeToken<Map<String, String>>() {});
  }

  private static JsonElement tagged(JsonElement json, HealthCheck.Kind kind) {
    json.getAsJsonObject().addProperty("kind", kind.getClass().getSimpleName());
    return json;
  }

  private static Class<? extends HealthCheck.Kind> kind(JsonElement json) {
    JsonObject object = json.getAsJsonObject();
    return switch (object.get("kind").getAsString()) {
      case "Http" -> HealthCheck.Http.class;
      case "Tcp" -> HealthCheck.Tcp.class;
      case "Command" -> HealthCheck.Command.class;
      case String other -> throw new JsonParseException("unknown health check " + other);
    };
  }

  private static <T> TypeAdapter<T> text(Function<T, String> write, Function<String, T> read) {
    return new TypeAdapter<T>() {
      @Override
      public void write(JsonWriter out, T value) throws IOException {
        out.value(write.apply(value));
      }

      @Override
      public T read(JsonReader in) throws IOException {
        return read.apply(in.nextString());
      }
    }.nullSafe();
  }
}
