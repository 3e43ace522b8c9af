package dev.skep.controlplane.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** An argon2id hash with everything that is needed to compute it again, as a PHC string. */
record PasswordHash(HashingCost cost, byte[] salt, byte[] hash) {
  static final int SALT_BYTES = 16;
  static final int HASH_BYTES = 32;
  private static final String HEAD = "$argon2id$v=19$";

  /** All of the password counts; the same letters are the same however they were typed. */
  static PasswordHash of(String password, HashingCost cost, byte[] salt) {
    var generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(cost.memory())
            .withIterations(cost.iterations())
            .withParallelism(cost.parallelism())
            .withSalt(salt)
            .build());
    byte[] hash = new byte[HASH_BYTES];
    String normal = Normalizer.normalize(password, Normalizer.Form.NFKC);
    generator.generateBytes(normal.getBytes(StandardCharsets.UTF_8), hash);
    return new PasswordHash(cost, salt, hash);
  }

  /** The hash of no password: comparing with it takes as long as with a real one. */
  static PasswordHash ofNobody(HashingCost cost) {
    return new PasswordHash(cost, new byte[SALT_BYTES], new byte[HASH_BYTES]);
  }

  /** Computes the hash of a guess, in the same time whether it is right or wrong. */
  boolean matches(String guess) {
    return MessageDigest.isEqual(hash, of(guess, cost, salt).hash);
  }

  static PasswordHash parse(String phc) {
    String[] parts = phc.split("\\$", -1);
    if (!phc.startsWith(HEAD) || parts.length != 6) {
      throw new IllegalStateException("a stored password hash is not of argon2id");
    }
    Base64.Decoder base64 = Base64.getDecoder();
    return new PasswordHash(
        HashingCost.parse(parts[3]), base64.decode(parts[4]), base64.decode(parts[5]));
  }

  String phc() {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return HEAD + cost + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
  }

  @Override
  public String toString() {
    return "PasswordHash[" + cost + "]";
  }
}
