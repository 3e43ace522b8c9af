package dev.skep.controlplane.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What an answer shows. An {@code etag} of a message changes with what users write, but not with
 * what the system sees; so it is one half of this tag, which is all that {@code If-Match} is about,
 * and the other half is a digest of all that is shown, for {@code If-None-Match}.
 */
record EntityTag(String version, String digest) {
  private static final String FIELD = "etag";
  private static final int DIGEST_BYTES = 8;

  static EntityTag of(Message answer, String json) {
    byte[] digest = Digests.sha256(json.getBytes(StandardCharsets.UTF_8));
    return new EntityTag(version(answer), HexFormat.of().formatHex(digest, 0, DIGEST_BYTES));
  }

  /** Of the message itself, or of the one that it holds. */
  private static String version(Message answer) {
    FieldDescriptor own = answer.getDescriptorForType().findFieldByName(FIELD);
    if (own != null) {
      return (String) answer.getField(own);
    }
    List<String> held =
        answer.getDescriptorForType().getFields().stream()
            .filter(f -> f.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !f.isRepeated())
            .filter(f -> f.getMessageType().findFieldByName(FIELD) != null)
            .map(f -> (Message) answer.getField(f))
            .map(EntityTag::version)
            .toList();
    return held.size() == 1 ? held.getFirst() : "";
  }

  /** Whether a header {@code If-None-Match} names it. */
  boolean isIn(String ifNoneMatch) {
    return ifNoneMatch.strip().equals("*")
        || Arrays.stream(ifNoneMatch.split(",", -1))
            .map(tag -> tag.strip().replaceFirst("^W/", ""))
            .anyMatch(toString()::equals);
  }

  /** Asks for the version that a header {@code If-Match} names. */
  static void require(String ifMatch, Message.Builder request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName(FIELD);
    if (field == null) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "if-match", "is nothing that this call can check");
    }
    String tag = ifMatch.strip();
    if (tag.equals("*")) {
      return;
    }
    if (!tag.matches("\"[^\",]+\"")) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "if-match", "must be one ETag of an earlier answer, in quotes");
    }
    request.setField(field, tag.substring(1, tag.length() - 1).replaceFirst("-[^-]*$", ""));
  }

  @Override
  public String toString() {
    return "\"" + version + "-" + digest + "\"";
  }
}
