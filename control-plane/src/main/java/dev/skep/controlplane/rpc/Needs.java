package dev.skep.controlplane.rpc;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import dev.skep.v1.AccessProto;
import dev.skep.v1.Permission;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a call needs, as its proto says. */
public final class Needs {
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  private Needs() {}

  /** PERMISSION_UNSPECIFIED when the proto does not say, which no call of ours does. */
  public static Need of(MethodDescriptor<?, ?> method) {
    if (!(method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
      return Need.of(Permission.PERMISSION_UNSPECIFIED);
    }
    var options = schema.getMethodDescriptor().getOptions();
    return new Need(
        options.getExtension(AccessProto.permission), options.getExtension(AccessProto.about));
  }

  /** Whether it changes something: its REST method is not GET. */
  public static boolean changes(MethodDescriptor<?, ?> method) {
    return switch (rule(method).getPatternCase()) {
      case POST, PUT, PATCH, DELETE -> true;
      case GET, CUSTOM, PATTERN_NOT_SET -> false;
    };
  }

  /** The request's fields that say what it is about: those of its path, then its name. */
  public static List<String> resource(MethodDescriptor<?, ?> method) {
    HttpRule rule = rule(method);
    String path = rule.getPost() + rule.getPut() + rule.getPatch() + rule.getDelete();
    Stream<String> inPath = PARAMETER.matcher(path).results().map(parameter -> parameter.group(1));
    return Stream.concat(inPath, Stream.of("name")).toList();
  }

  private static HttpRule rule(MethodDescriptor<?, ?> method) {
    return method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema
        ? schema.getMethodDescriptor().getOptions().getExtension(AnnotationsProto.http)
        : HttpRule.getDefaultInstance();
  }
}
