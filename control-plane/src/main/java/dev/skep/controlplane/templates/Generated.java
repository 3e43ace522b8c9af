package dev.skep.controlplane.templates;

import dev.skep.v1.GeneratedValue;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Random values. */
final class Generated {
  static final int MIN_LENGTH = 8;
  static final int MAX_LENGTH = 128;
  private static final int DEFAULT_LENGTH = 32;
  private static final String CHARACTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private Generated() {}

  /** {@code random} has to be one that nobody can guess. */
  static String value(GeneratedValue how, RandomGenerator random) {
    int length = how.getLength() == 0 ? DEFAULT_LENGTH : how.getLength();
    return switch (how.getKind()) {
      case GENERATED_KIND_PASSWORD -> password(length, random);
      case GENERATED_KIND_HEX -> HexFormat.of().formatHex(bytes(length, random));
      case GENERATED_KIND_BASE64 -> Base64.getEncoder().encodeToString(bytes(length, random));
      case GENERATED_KIND_UUID -> uuid(random);
      case GENERATED_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("checked when it was written");
    };
  }

  private static String password(int length, RandomGenerator random) {
    StringBuilder password = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      password.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return password.toString();
  }

  private static byte[] bytes(int length, RandomGenerator random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Version 4. */
  private static String uuid(RandomGenerator random) {
    long most = (random.nextLong() & ~0xf000L) | 0x4000L;
    long least = (random.nextLong() & ~(3L << 62)) | (1L << 63);
    return new UUID(most, least).toString();
  }
}
