package dev.skep.controlplane.openapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.skep.controlplane.rpc.RestRule;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The OpenAPI 3.1 document of all calls that are there over REST. What holds for each of them –
 * headers, errors, how to say who calls – is in {@code openapi.json} beside this class.
 */
public final class OpenApi {
  private final Schemas schemas = new Schemas(Comments.load());
  private final Operations operations = new Operations(schemas);

  private OpenApi() {}

  public static JsonObject document(String version, List<ServiceDescriptor> services) {
    return new OpenApi().write(version, services);
  }

  private JsonObject write(String version, List<ServiceDescriptor> services) {
    JsonObject document = frame();
    document.getAsJsonObject("info").addProperty("version", version);
    document.add("tags", tags(services));
    document.add("paths", paths(services));
    JsonObject known = document.getAsJsonObject("components").getAsJsonObject("schemas");
    schemas.all().entrySet().forEach(e -> known.add(e.getKey(), e.getValue()));
    return document;
  }

  private static JsonObject frame() {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      return JsonParser.parseReader(
              new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8))
          .getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonArray tags(List<ServiceDescriptor> services) {
    JsonArray tags = new JsonArray();
    for (ServiceDescriptor service : services) {
      JsonObject tag = new JsonObject();
      tag.addProperty("name", Operations.tag(service.getMethods().getFirst()));
      tag.addProperty("description", schemas.comment(service));
      tags.add(tag);
    }
    return tags;
  }

  private JsonObject paths(List<ServiceDescriptor> services) {
    JsonObject paths = new JsonObject();
    List<Map.Entry<MethodDescriptor, RestRule>> streams = new ArrayList<>();
    for (ServiceDescriptor service : services) {
      for (MethodDescriptor method : service.getMethods()) {
        for (RestRule rule : RestRule.of(method)) {
          if (method.isServerStreaming()) {
            streams.add(Map.entry(method, rule));
          } else {
            path(paths, rule).add(verb(rule), operations.operation(method, rule));
          }
        }
      }
    }
    streams.forEach(stream -> add(paths, stream.getKey(), stream.getValue()));
    return paths;
  }

  private void add(JsonObject paths, MethodDescriptor stream, RestRule rule) {
    JsonObject path = path(paths, rule);
    if (path.has(verb(rule))) {
      operations.follow(path.getAsJsonObject(verb(rule)), stream);
    } else {
      path.add(verb(rule), operations.operation(stream, rule));
    }
  }

  private static JsonObject path(JsonObject paths, RestRule rule) {
    if (!paths.has(rule.path())) {
      paths.add(rule.path(), new JsonObject());
    }
    return paths.getAsJsonObject(rule.path());
  }

  private static String verb(RestRule rule) {
    return rule.verb().toLowerCase(Locale.ROOT);
  }
}
