package dev.skep.controlplane.rpc;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Under which verb and path a call is there over REST, as its proto says.
 *
 * @param hasBody whether what is not in the path comes as a body; else as query parameters
 */
public record RestRule(String verb, String path, boolean hasBody) {
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  /** Its main path first; empty for a call that is there over gRPC alone. */
  public static List<RestRule> of(MethodDescriptor method) {
    HttpRule rule = method.getOptions().getExtension(AnnotationsProto.http);
    return Stream.concat(Stream.of(rule), rule.getAdditionalBindingsList().stream())
        .filter(one -> one.getPatternCase() != HttpRule.PatternCase.PATTERN_NOT_SET)
        .map(RestRule::of)
        .toList();
  }

  private static RestRule of(HttpRule rule) {
    boolean hasBody = !rule.getBody().isEmpty();
    return switch (rule.getPatternCase()) {
      case GET -> new RestRule("GET", rule.getGet(), hasBody);
      case POST -> new RestRule("POST", rule.getPost(), hasBody);
      case PATCH -> new RestRule("PATCH", rule.getPatch(), hasBody);
      case PUT -> new RestRule("PUT", rule.getPut(), hasBody);
      case DELETE -> new RestRule("DELETE", rule.getDelete(), hasBody);
      case CUSTOM, PATTERN_NOT_SET ->
          throw new IllegalArgumentException("no verb of ours: " + rule.getPatternCase());
    };
  }

  /** The request's fields that are part of the path, as the proto calls them. */
  public List<String> parameters() {
    return PARAMETER.matcher(path).results().map(parameter -> parameter.group(1)).toList();
  }
}
