package dev.skep.controlplane.templates;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/** The texts of a message, however deep: values of fields, elements of lists and values of maps. */
final class Texts {
  private Texts() {}

  /** What becomes of a text; {@code path} is the one that errors name. */
  interface Change {
    String apply(String path, String text);
  }

  @SuppressWarnings("unchecked")
  static <M extends Message> M change(M message, String path, Change change) {
    Message.Builder builder = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) ->
                builder.setField(field, field(field, value, path + "." + field.getName(), change)));
    return (M) builder.build();
  }

  private static Object field(FieldDescriptor field, Object value, String path, Change change) {
    if (!(value instanceof List<?> list)) {
      return one(value, path, change);
    }
    List<Object> changed = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      changed.add(
          field.isMapField()
              ? entry((Message) list.get(i), path, change)
              : one(list.get(i), path + "[" + i + "]", change));
    }
    return changed;
  }

  private static Object one(Object value, String path, Change change) {
    return switch (value) {
      case String text -> change.apply(path, text);
      case Message message -> change(message, path, change);
      default -> value;
    };
  }

  private static Message entry(Message entry, String path, Change change) {
    FieldDescriptor key = entry.getDescriptorForType().findFieldByName("key");
    FieldDescriptor value = entry.getDescriptorForType().findFieldByName("value");
    String at = path + "[" + entry.getField(key) + "]";
    return entry.toBuilder().setField(value, one(entry.getField(value), at, change)).build();
  }
}
