package dev.skep.controlplane.openapi;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.skep.controlplane.kernel.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The OpenAPI document as one page without scripts: calls by service, messages, errors. */
public final class DocsPage {
  private static final Set<String> VERBS = Set.of("get", "post", "put", "patch", "delete");

  private final StringBuilder html = new StringBuilder(1 << 18);
  private final JsonObject document;

  private DocsPage(JsonObject document) {
    this.document = document;
  }

  /** A code of the error body. */
  public record ErrorCode(String code, int status, String advice) {
    /** What the caller can do about a refusal. */
    public static ErrorCode of(Reason reason, int status) {
      String advice =
          switch (reason.kind()) {
            case INVALID -> "Correct the fields that are named, and send it again.";
            case EXISTS -> "It is there already: choose another name or id, or use what is there.";
            case NOT_FOUND -> "Check the id or name, and the organization of the token.";
            case CONFLICT -> "The state does not allow it: the message says what to do first.";
            case ABORTED -> "Read it again, and repeat the change on what is there now.";
            case UNAUTHENTICATED -> "Send a token that is valid.";
            case FORBIDDEN -> "Ask an admin for a role with the permission that is named.";
            case EXHAUSTED -> "Free or ask for more of what is named, or wait.";
            case UNAVAILABLE -> "Try again, after a moment and with growing pauses.";
          };
      return new ErrorCode(reason.name(), status, advice);
    }
  }

  public static String html(JsonObject document, List<ErrorCode> errors) {
    return new DocsPage(document).write(errors);
  }

  private String write(List<ErrorCode> errors) {
    JsonObject info = document.getAsJsonObject("info");
    html.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append("<title>Skep API</title><link rel=\"stylesheet\" href=\"/docs/style.css\">");
    navigation();
    html.append("<main><h1>Skep API <small>").append(text(info, "version")).append("</small></h1>");
    paragraph(info, "summary");
    paragraph(info, "description");
    html.append("<p>For programs: <a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p>");
    headers();
    document.getAsJsonArray("tags").forEach(tag -> service(tag.getAsJsonObject()));
    schemas();
    errors(errors);
    return html.append("</main></html>").toString();
  }

  private void navigation() {
    html.append("<nav>");
    for (JsonElement tag : document.getAsJsonArray("tags")) {
      String name = text(tag.getAsJsonObject(), "name");
      html.append("<a href=\"#").append(name).append("\">").append(name).append("</a>");
    }
    html.append("<a href=\"#messages\">Messages</a><a href=\"#errors\">Errors</a></nav>");
  }

  private void headers() {
    html.append("<h2 id=\"headers\">Headers and parameters of every call</h2><table>");
    components("parameters").forEach(e -> row(e.getValue().getAsJsonObject()));
    html.append("</table>");
  }

  private void service(JsonObject tag) {
    String name = text(tag, "name");
    html.append("<h2 id=\"").append(name).append("\">").append(name).append("</h2>");
    paragraph(tag, "description");
    for (Map.Entry<String, JsonElement> path : document.getAsJsonObject("paths").entrySet()) {
      for (Map.Entry<String, JsonElement> verb : path.getValue().getAsJsonObject().entrySet()) {
        JsonObject operation = verb.getValue().getAsJsonObject();
        boolean here =
            VERBS.contains(verb.getKey())
                && operation.getAsJsonArray("tags").get(0).getAsString().equals(name);
        if (here) {
          operation(verb.getKey(), path.getKey(), operation);
        }
      }
    }
  }

  private void operation(String verb, String path, JsonObject operation) {
    html.append("<details id=\"").append(text(operation, "operationId")).append("\"><summary><b>");
    html.append(verb.toUpperCase(java.util.Locale.ROOT)).append("</b> <code>").append(escape(path));
    html.append("</code> <span>").append(text(operation, "summary")).append("</span></summary>");
    paragraph(operation, "description");
    html.append("<table>");
    for (JsonElement parameter : operation.getAsJsonArray("parameters")) {
      if (!parameter.getAsJsonObject().has("$ref")) {
        row(parameter.getAsJsonObject());
      }
    }
    html.append("</table>");
    if (operation.has("requestBody")) {
      html.append("<p>Body: ").append(content(operation.get("requestBody"))).append("</p>");
    }
    JsonElement answer = operation.getAsJsonObject("responses").get("200");
    html.append("<p>Answer: ").append(content(answer)).append("</p></details>");
  }

  private String content(JsonElement message) {
    Set<String> kinds = new TreeSet<>();
    message
        .getAsJsonObject()
        .getAsJsonObject("content")
        .entrySet()
        .forEach(
            e ->
                kinds.add(
                    e.getKey().equals("application/json")
                        ? type(e.getValue().getAsJsonObject().getAsJsonObject("schema"))
                        : "<code>" + escape(e.getKey()) + "</code>"));
    return String.join(" or ", kinds);
  }

  private void schemas() {
    html.append("<h2 id=\"messages\">Messages</h2>");
    for (Map.Entry<String, JsonElement> entry : components("schemas")) {
      JsonObject schema = entry.getValue().getAsJsonObject();
      html.append("<h3 id=\"message-").append(entry.getKey()).append("\">");
      html.append(entry.getKey()).append("</h3>");
      paragraph(schema, "description");
      if (schema.has("properties")) {
        html.append("<table>");
        for (var property : schema.getAsJsonObject("properties").entrySet()) {
          JsonObject field = property.getValue().getAsJsonObject();
          cells(property.getKey(), type(field), text(field, "description"));
        }
        html.append("</table>");
      }
    }
  }

  private void errors(List<ErrorCode> errors) {
    html.append("<h2 id=\"errors\">Errors</h2><table>");
    for (ErrorCode error : errors) {
      html.append("<tr id=\"").append(escape(error.code())).append("\"><td><code>");
      html.append(escape(error.code())).append("</code><td>").append(error.status()).append("<td>");
      html.append(escape(error.advice())).append("</tr>");
    }
    html.append("</table>");
  }

  private void row(JsonObject parameter) {
    String type = parameter.has("schema") ? type(parameter.getAsJsonObject("schema")) : "";
    cells(
        text(parameter, "name"),
        text(parameter, "in") + ", " + type,
        text(parameter, "description"));
  }

  private void cells(String name, String type, String words) {
    html.append("<tr><td><code>").append(name).append("</code><td>").append(type);
    html.append("<td>").append(words).append("</tr>");
  }

  private static String type(JsonObject schema) {
    if (schema.has("$ref")) {
      String name = schema.get("$ref").getAsString().replaceFirst(".*/", "");
      return "<a href=\"#message-" + name + "\">" + name + "</a>";
    }
    if (schema.has("items")) {
      return "list of " + type(schema.getAsJsonObject("items"));
    }
    if (schema.has("additionalProperties") && schema.get("additionalProperties").isJsonObject()) {
      return "map of " + type(schema.getAsJsonObject("additionalProperties"));
    }
    String format = text(schema, "format");
    return text(schema, "type") + (format.isEmpty() ? "" : " (" + format + ")");
  }

  private Set<Map.Entry<String, JsonElement>> components(String kind) {
    return document.getAsJsonObject("components").getAsJsonObject(kind).entrySet();
  }

  private void paragraph(JsonObject element, String field) {
    String words = text(element, field);
    if (!words.isEmpty()) {
      html.append("<p>").append(words).append("</p>");
    }
  }

  /** Escaped; what is in backticks is code, and lines stay lines. */
  private static String text(JsonObject element, String field) {
    return element.has(field)
        ? escape(element.get(field).getAsString())
            .replaceAll("`([^`]*)`", "<code>$1</code>")
            .replace("\n", "<br>")
        : "";
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
