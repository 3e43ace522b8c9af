package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.kernel.Digests;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a call carries to say who makes it: {@code skp_…} for a token, {@code sks_…} for a session.
 */
record Bearer(Kind kind, UUID id, String secret) {
  private static final Pattern FORMAT = Pattern.compile("(skp|sks)_([0-9a-f]{32})_([0-9a-f]{64})");

  /** Which of the two. */
  enum Kind {
    TOKEN("skp"),
    SESSION("sks");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /** Empty when it is not what we give out. */
  static Optional<Bearer> parse(String text) {
    Matcher parts = FORMAT.matcher(text);
    return parts.matches()
        ? Optional.of(
            new Bearer(
                parts.group(1).equals(Kind.TOKEN.prefix) ? Kind.TOKEN : Kind.SESSION,
                uuid(parts.group(2)),
                parts.group(3)))
        : Optional.empty();
  }

  byte[] hash() {
    return Digests.sha256(secret);
  }

  boolean matches(byte[] stored) {
    return MessageDigest.isEqual(stored, hash());
  }

  String text() {
    return kind.prefix + "_" + id.toString().replace("-", "") + "_" + secret;
  }

  @Override
  public String toString() {
    return "Bearer[" + kind + " " + id + "]";
  }

  private static UUID uuid(String hex) {
    return UUID.fromString(hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }
}
