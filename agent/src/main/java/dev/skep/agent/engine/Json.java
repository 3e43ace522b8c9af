package dev.skep.agent.engine;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import dev.skep.agent.engine.EngineFailure.Code;

/** JSON with the engine's PascalCase names. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.UPPER_CAMEL_CASE)
          .disableHtmlEscaping()
          .create();

  private Json() {}

  static String write(Object value) {
    return GSON.toJson(value);
  }

  static com.google.gson.JsonElement tree(Object value) {
    return GSON.toJsonTree(value);
  }

  /** The next event of a stream. */
  static Wire.Event read(com.google.gson.stream.JsonReader reader) {
    return GSON.fromJson(reader, Wire.Event.class);
  }

  /** The next line of a pull. */
  static Wire.Progress progress(com.google.gson.stream.JsonReader reader) {
    return GSON.fromJson(reader, Wire.Progress.class);
  }

  static <T> T read(String text, Class<T> type) {
    return read(text, TypeToken.get(type));
  }

  static <T> T read(String text, TypeToken<T> type) {
    try {
      T value = GSON.fromJson(text, type);
      if (value == null) {
        throw new EngineFailure(Code.ENGINE_ERROR, "the engine answered nothing");
      }
      return value;
    } catch (JsonParseException e) {
      throw new EngineFailure(Code.ENGINE_ERROR, "the engine answered something else than JSON", e);
    }
  }
}
