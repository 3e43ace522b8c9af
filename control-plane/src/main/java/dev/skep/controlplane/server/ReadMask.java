package dev.skep.controlplane.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The fields of an answer that a caller wants to see, as a tree; no branches for all of them. A
 * path goes through lists: it is about each of their elements.
 */
record ReadMask(Map<String, ReadMask> branches) {
  static final String PARAMETER = "fields";

  /**
   * From parameters such as {@code service.name,service.status.state}.
   *
   * @throws Refusal names the first path that the answer does not have
   */
  static ReadMask of(List<String> parameters, Descriptor answer) {
    ReadMask mask = new ReadMask(new TreeMap<>());
    for (String path : String.join(",", parameters).split(",", -1)) {
      if (!path.isBlank()) {
        mask.add(path.strip(), answer);
      }
    }
    return mask;
  }

  boolean showsAll() {
    return branches.isEmpty();
  }

  private void add(String path, Descriptor answer) {
    Map<String, ReadMask> at = branches;
    Descriptor type = answer;
    for (String name : path.split("\\.", -1)) {
      FieldDescriptor field = field(type, name, path);
      at = at.computeIfAbsent(field.getJsonName(), n -> new ReadMask(new TreeMap<>())).branches;
      type =
          field.getJavaType() == JavaType.MESSAGE && !field.isMapField()
              ? field.getMessageType()
              : null;
    }
  }

  private static FieldDescriptor field(
      @org.jspecify.annotations.Nullable Descriptor type, String name, String path) {
    List<FieldDescriptor> fields = type == null ? List.of() : type.getFields();
    return fields.stream()
        .filter(field -> field.getName().equals(name) || field.getJsonName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Refusal.ofField(
                    Reason.INVALID_FIELD,
                    PARAMETER,
                    "\"" + shortened(path) + "\" is nothing that the answer has"));
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  JsonElement apply(JsonElement answer) {
    if (showsAll()) {
      return answer;
    }
    if (answer instanceof JsonArray elements) {
      JsonArray shown = new JsonArray();
      elements.forEach(element -> shown.add(apply(element)));
      return shown;
    }
    JsonObject shown = new JsonObject();
    if (answer instanceof JsonObject object) {
      branches.forEach(
          (name, branch) -> {
            if (object.has(name)) {
              shown.add(name, branch.apply(object.get(name)));
            }
          });
    }
    return shown;
  }
}
