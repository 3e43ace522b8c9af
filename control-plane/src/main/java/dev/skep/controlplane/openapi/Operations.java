package dev.skep.controlplane.openapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.RestRule;
import dev.skep.v1.About;
import dev.skep.v1.AccessProto;
import dev.skep.v1.Permission;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Calls as operations of OpenAPI. */
final class Operations {
  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream";

  private final Schemas schemas;

  Operations(Schemas schemas) {
    this.schemas = schemas;
  }

  /** A call under one of its paths. */
  JsonObject operation(MethodDescriptor method, RestRule rule) {
    JsonObject operation = new JsonObject();
    operation.addProperty("operationId", id(method, rule));
    JsonArray tags = new JsonArray();
    tags.add(tag(method));
    operation.add("tags", tags);
    String comment = schemas.comment(method);
    operation.addProperty("summary", comment.replaceFirst("(?s)(\\.) .*", "$1"));
    operation.addProperty("description", comment + "\n\n" + permission(method));
    operation.addProperty("x-permission", Caller.words(needed(method)));
    if (needed(method) == Permission.PERMISSION_NONE) {
      operation.add("security", new JsonArray());
    }
    operation.add("parameters", parameters(method, rule));
    if (rule.hasBody()) {
      Set<String> inPath = Set.copyOf(rule.parameters());
      JsonObject body = new JsonObject();
      body.add("content", content(JSON, schemas.body(method.getInputType(), inPath)));
      operation.add("requestBody", body);
    }
    operation.add("responses", responses(method, rule));
    return operation;
  }

  /** A stream that shares its path with a list: one more parameter and one more kind of answer. */
  void follow(JsonObject operation, MethodDescriptor stream) {
    JsonObject follow = parameter("follow", "query", schemas.comment(stream));
    JsonObject only = Schemas.typed("boolean");
    JsonArray values = new JsonArray();
    values.add(true);
    only.add("enum", values);
    follow.add("schema", only);
    operation.getAsJsonArray("parameters").add(follow);
    JsonArray parameters = operation.getAsJsonArray("parameters");
    parameters.add(common("LastEventId"));
    operation
        .getAsJsonObject("responses")
        .getAsJsonObject("200")
        .getAsJsonObject("content")
        .add(EVENTS, content(EVENTS, Schemas.typed("string")).getAsJsonObject(EVENTS));
  }

  static String tag(MethodDescriptor method) {
    return method.getService().getName().replaceFirst("Service$", "");
  }

  private static String id(MethodDescriptor method, RestRule rule) {
    boolean main = RestRule.of(method).getFirst().equals(rule);
    String name = main ? method.getName() : camel(rule.path().replaceFirst(".*/", ""));
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  private static String camel(String words) {
    StringBuilder name = new StringBuilder();
    for (String word : words.split("-", -1)) {
      name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return name.toString();
  }

  private static Permission needed(MethodDescriptor method) {
    return method.getOptions().getExtension(AccessProto.permission);
  }

  private static String permission(MethodDescriptor method) {
    return switch (needed(method)) {
      case PERMISSION_NONE -> "Needs no token.";
      case PERMISSION_SELF -> "Needs a token, whatever it may do.";
      default ->
          "Needs the permission `"
              + Caller.words(needed(method))
              + "`"
              + (method.getOptions().getExtension(AccessProto.about) == About.ABOUT_SERVICE
                  ? ", in the organization or on the service."
                  : ".");
    };
  }

  private JsonArray parameters(MethodDescriptor method, RestRule rule) {
    Set<String> inPath = new TreeSet<>(rule.parameters());
    JsonArray parameters = new JsonArray();
    for (FieldDescriptor field : method.getInputType().getFields()) {
      if (inPath.contains(field.getName())) {
        JsonObject parameter = parameter(field.getName(), "path", schemas.comment(field));
        parameter.addProperty("required", true);
        parameter.add("schema", schemas.field(field));
        parameters.add(parameter);
      } else if (!rule.hasBody()) {
        JsonObject parameter = parameter(field.getJsonName(), "query", schemas.comment(field));
        parameter.add("schema", schemas.field(field));
        parameters.add(parameter);
      }
    }
    headers(method, rule).forEach(name -> parameters.add(common(name)));
    return parameters;
  }

  private static List<String> headers(MethodDescriptor method, RestRule rule) {
    if (method.isServerStreaming()) {
      return List.of("Organization", "LastEventId");
    }
    if (rule.verb().equals("GET")) {
      return List.of("Organization", "Fields", "IfNoneMatch");
    }
    boolean conditional = method.getInputType().findFieldByName("etag") != null;
    return conditional
        ? List.of("Organization", "Fields", "IdempotencyKey", "IfMatch")
        : List.of("Organization", "Fields", "IdempotencyKey");
  }

  private JsonObject responses(MethodDescriptor method, RestRule rule) {
    JsonObject responses = new JsonObject();
    responses.add("200", method.isServerStreaming() ? stream() : answer(method.getOutputType()));
    if (rule.verb().equals("GET") && !method.isServerStreaming()) {
      responses.add("304", response("NotModified"));
    }
    responses.add("default", response("Error"));
    return responses;
  }

  private static JsonObject stream() {
    JsonObject ok = new JsonObject();
    ok.addProperty("description", "Events, until one side closes.");
    ok.add("content", content(EVENTS, Schemas.typed("string")));
    return ok;
  }

  private JsonObject answer(Descriptor type) {
    JsonObject ok = new JsonObject();
    ok.addProperty("description", "Done.");
    JsonObject headers = new JsonObject();
    headers.add("ETag", component("headers", "ETag"));
    headers.add("x-request-id", component("headers", "RequestId"));
    ok.add("headers", headers);
    ok.add("content", content(JSON, schemas.message(type)));
    return ok;
  }

  private static JsonObject content(String type, JsonObject schema) {
    JsonObject media = new JsonObject();
    media.add("schema", schema);
    JsonObject content = new JsonObject();
    content.add(type, media);
    return content;
  }

  private static JsonObject parameter(String name, String in, String description) {
    JsonObject parameter = new JsonObject();
    parameter.addProperty("name", name);
    parameter.addProperty("in", in);
    if (!description.isEmpty()) {
      parameter.addProperty("description", description);
    }
    return parameter;
  }

  private static JsonObject common(String name) {
    return component("parameters", name);
  }

  private static JsonObject response(String name) {
    return component("responses", name);
  }

  private static JsonObject component(String kind, String name) {
    JsonObject reference = new JsonObject();
    reference.addProperty("$ref", "#/components/" + kind + "/" + name);
    return reference;
  }
}
