package dev.skep.controlplane.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Time-based one-time passwords as in RFC 6238, with what every app understands: SHA-1, 6 digits.
 */
final class Totp {
  static final int SECRET_BYTES = 20;
  static final int STEP_SECONDS = 30;
  private static final int DIGITS = 6;
  private static final int MODULUS = 1_000_000;

  /** A clock may be half a minute wrong, or its owner slow. */
  private static final int STEPS_AROUND = 1;

  private Totp() {}

  /**
   * The step that a code belongs to, if it is right about now.
   *
   * @param lastStep what was used before; a code of that step or an earlier one is worth nothing
   */
  static OptionalLong step(byte[] secret, String code, Instant now, long lastStep) {
    long current = now.getEpochSecond() / STEP_SECONDS;
    return LongStream.rangeClosed(current - STEPS_AROUND, current + STEPS_AROUND)
        .filter(step -> isSame(code(secret, step), code))
        .filter(step -> step > lastStep)
        .findFirst();
  }

  static String code(byte[] secret, long step) {
    byte[] mac = hmac(secret, ByteBuffer.allocate(Long.BYTES).putLong(step).array());
    int offset = mac[mac.length - 1] & 0xf;
    int number = ByteBuffer.wrap(mac, offset, Integer.BYTES).getInt() & Integer.MAX_VALUE;
    return String.format("%0" + DIGITS + "d", number % MODULUS);
  }

  private static boolean isSame(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] hmac(byte[] secret, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secret, "HmacSHA1"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has HMAC-SHA-1", e);
    }
  }
}
