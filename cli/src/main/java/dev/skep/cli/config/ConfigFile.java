package dev.skep.cli.config;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.skep.cli.outcome.CliException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Contexts on disk, readable by their owner alone because they hold tokens. */
public final class ConfigFile {
  private final Path path;

  public ConfigFile(Path path) {
    this.path = path;
  }

  /** {@code $XDG_CONFIG_HOME/skep/config.json}, or below {@code ~/.config}. */
  public static ConfigFile locate(Map<String, String> environment) {
    var configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
    var base =
        configured.isEmpty()
            ? Path.of(
                environment.getOrDefault("HOME", System.getProperty("user.home", ".")), ".config")
            : Path.of(configured);
    return new ConfigFile(base.resolve("skep").resolve("config.json"));
  }

  public Path path() {
    return path;
  }

  public Contexts load() {
    if (!Files.exists(path)) {
      return Contexts.NONE;
    }
    try {
      return parse(JsonParser.parseString(Files.readString(path)).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException | ClassCastException e) {
      throw CliException.usage(
          path + " is not a valid configuration: " + e.getMessage(),
          "remove the file and log in again");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void save(Contexts contexts) {
    var json = new GsonBuilder().setPrettyPrinting().create().toJson(toJson(contexts));
    try {
      PrivateFile.write(path, json + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Contexts parse(JsonObject root) {
    var byName = new TreeMap<String, Context>();
    var contexts = root.getAsJsonObject("contexts");
    if (contexts != null) {
      contexts
          .entrySet()
          .forEach(
              e -> byName.put(e.getKey(), context(e.getKey(), e.getValue().getAsJsonObject())));
    }
    return new Contexts(text(root, "current"), byName);
  }

  private static Context context(String name, JsonObject json) {
    var server = text(json, "server");
    if (server == null) {
      throw new JsonParseException("context " + name + " has no server");
    }
    return new Context(
        name, server, text(json, "token"), text(json, "ca"), text(json, "organization"));
  }

  private static @Nullable String text(JsonObject json, String key) {
    JsonElement value = json.get(key);
    return value == null || value.isJsonNull() ? null : value.getAsString();
  }

  private static JsonObject toJson(Contexts contexts) {
    var all = new JsonObject();
    contexts.byName().forEach((name, context) -> all.add(name, toJson(context)));
    var root = new JsonObject();
    root.addProperty("current", contexts.current());
    root.add("contexts", all);
    return root;
  }

  private static JsonObject toJson(Context context) {
    var json = new JsonObject();
    json.addProperty("server", context.server());
    json.addProperty("token", context.token());
    json.addProperty("ca", context.ca());
    if (context.organization() != null) {
      json.addProperty("organization", context.organization());
    }
    return json;
  }
}
