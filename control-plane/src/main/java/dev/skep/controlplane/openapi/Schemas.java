package dev.skep.controlplane.openapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Messages as JSON Schema, the way protobuf writes them as JSON; each that is used once. */
final class Schemas {
  private final Comments comments;
  private final Map<String, JsonObject> byName = new TreeMap<>();

  Schemas(Comments comments) {
    this.comments = comments;
  }

  JsonObject all() {
    JsonObject all = new JsonObject();
    byName.forEach(all::add);
    return all;
  }

  /** A message that others refer to. */
  JsonObject message(Descriptor type) {
    if (!byName.containsKey(type.getName())) {
      byName.put(type.getName(), new JsonObject());
      byName.put(type.getName(), object(type, type.getFields()));
    }
    return reference(type.getName());
  }

  /** A body: the fields that are not in the path. Others are refused. */
  JsonObject body(Descriptor type, Set<String> inPath) {
    Collection<FieldDescriptor> fields =
        type.getFields().stream().filter(field -> !inPath.contains(field.getName())).toList();
    JsonObject schema = object(type, fields);
    schema.addProperty("additionalProperties", false);
    byName.put(type.getName(), schema);
    return reference(type.getName());
  }

  JsonObject field(FieldDescriptor field) {
    JsonObject schema;
    if (field.isMapField()) {
      schema = typed("object");
      schema.add("additionalProperties", value(field.getMessageType().findFieldByName("value")));
    } else if (field.isRepeated()) {
      schema = typed("array");
      schema.add("items", value(field));
    } else {
      schema = value(field);
    }
    describe(schema, field);
    return schema;
  }

  /** The comment of anything that has one. */
  String comment(GenericDescriptor element) {
    return comments.of(element.getFullName());
  }

  static JsonObject typed(String type) {
    JsonObject schema = new JsonObject();
    schema.addProperty("type", type);
    return schema;
  }

  static JsonObject reference(String name) {
    JsonObject reference = new JsonObject();
    reference.addProperty("$ref", "#/components/schemas/" + name);
    return reference;
  }

  private JsonObject object(Descriptor type, Collection<FieldDescriptor> fields) {
    JsonObject schema = typed("object");
    describe(schema, type);
    JsonObject properties = new JsonObject();
    fields.forEach(field -> properties.add(field.getJsonName(), field(field)));
    if (!properties.isEmpty()) {
      schema.add("properties", properties);
    }
    return schema;
  }

  private JsonObject value(FieldDescriptor field) {
    return switch (field.getType()) {
      case INT32, SINT32, SFIXED32, UINT32, FIXED32 -> formatted("integer", "int32");
      case INT64, SINT64, SFIXED64, UINT64, FIXED64 -> formatted("string", "int64");
      case DOUBLE -> formatted("number", "double");
      case FLOAT -> formatted("number", "float");
      case BOOL -> typed("boolean");
      case STRING -> typed("string");
      case BYTES -> formatted("string", "byte");
      case ENUM -> values(field.getEnumType());
      case MESSAGE, GROUP -> known(field.getMessageType());
    };
  }

  private JsonObject known(Descriptor type) {
    return switch (type.getFullName()) {
      case "google.protobuf.Timestamp" -> formatted("string", "date-time");
      case "google.protobuf.Duration" -> {
        JsonObject schema = typed("string");
        schema.addProperty("pattern", "^-?\\d+(\\.\\d{1,9})?s$");
        yield schema;
      }
      case "google.protobuf.FieldMask" -> typed("string");
      default -> message(type);
    };
  }

  private JsonObject values(EnumDescriptor type) {
    JsonObject schema = typed("string");
    JsonArray names = new JsonArray();
    StringBuilder words = new StringBuilder(comment(type));
    for (EnumValueDescriptor value : type.getValues()) {
      names.add(value.getName());
      String comment = comments.of(type.getFullName() + "." + value.getName());
      words.append(comment.isEmpty() ? "" : "\n- `" + value.getName() + "`: " + comment);
    }
    schema.addProperty("description", words.toString());
    schema.add("enum", names);
    byName.put(type.getName(), schema);
    return reference(type.getName());
  }

  private static JsonObject formatted(String type, String format) {
    JsonObject schema = typed(type);
    schema.addProperty("format", format);
    return schema;
  }

  private void describe(JsonObject schema, GenericDescriptor element) {
    String comment = comment(element);
    if (!comment.isEmpty()) {
      schema.addProperty("description", comment);
    }
  }
}
