package dev.skep.controlplane.openapi;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the protos say beside the code. Generated classes have no comments; the descriptor set that
 * the build writes next to them has.
 */
final class Comments {
  private final Map<String, String> byName = new HashMap<>();

  private Comments() {}

  static Comments load() {
    try (InputStream in = Comments.class.getResourceAsStream("/skep.protoset")) {
      Comments comments = new Comments();
      FileDescriptorSet.parseFrom(Objects.requireNonNull(in, "skep.protoset is in the jar"))
          .getFileList()
          .stream()
          .filter(file -> file.getName().startsWith("skep/"))
          .forEach(comments::read);
      return comments;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Of a message, field, enum, value, service or call by its full name; empty when there is none.
   */
  String of(String fullName) {
    return byName.getOrDefault(fullName, "");
  }

  /** Source info names things by the numbers of fields and places on the way to them. */
  private void read(FileDescriptorProto file) {
    Map<List<Integer>, String> byPath = new HashMap<>();
    for (SourceCodeInfo.Location location : file.getSourceCodeInfo().getLocationList()) {
      byPath.put(location.getPathList(), location.getLeadingComments());
    }
    Scope scope = new Scope(byPath, List.of(), file.getPackage());
    for (int i = 0; i < file.getMessageTypeCount(); i++) {
      message(file.getMessageType(i), scope.child(4, i, file.getMessageType(i).getName()));
    }
    for (int i = 0; i < file.getEnumTypeCount(); i++) {
      values(file.getEnumType(i), scope.child(5, i, file.getEnumType(i).getName()));
    }
    for (int i = 0; i < file.getServiceCount(); i++) {
      Scope service = scope.child(6, i, file.getService(i).getName());
      for (int j = 0; j < file.getService(i).getMethodCount(); j++) {
        service.child(2, j, file.getService(i).getMethod(j).getName());
      }
    }
  }

  private void message(DescriptorProto type, Scope scope) {
    for (int i = 0; i < type.getFieldCount(); i++) {
      scope.child(2, i, type.getField(i).getName());
    }
    for (int i = 0; i < type.getNestedTypeCount(); i++) {
      message(type.getNestedType(i), scope.child(3, i, type.getNestedType(i).getName()));
    }
    for (int i = 0; i < type.getEnumTypeCount(); i++) {
      values(type.getEnumType(i), scope.child(4, i, type.getEnumType(i).getName()));
    }
  }

  private void values(EnumDescriptorProto type, Scope scope) {
    for (int i = 0; i < type.getValueCount(); i++) {
      scope.child(2, i, type.getValue(i).getName());
    }
  }

  private final class Scope {
    private final Map<List<Integer>, String> byPath;
    private final List<Integer> path;
    private final String name;

    Scope(Map<List<Integer>, String> byPath, List<Integer> path, String name) {
      this.byPath = byPath;
      this.path = path;
      this.name = name;
      String comment = byPath.getOrDefault(path, "");
      byName.put(name, comment.lines().map(String::strip).reduce("", Comments::joined));
    }

    Scope child(int kind, int index, String childName) {
      List<Integer> child = new ArrayList<>(path);
      child.add(kind);
      child.add(index);
      return new Scope(byPath, child, name + "." + childName);
    }
  }

  private static String joined(String text, String line) {
    return text.isEmpty() ? line : text + " " + line;
  }
}
