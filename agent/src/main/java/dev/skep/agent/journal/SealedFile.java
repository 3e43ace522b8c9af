package dev.skep.agent.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A durable file that tells nothing without the key beside it: what it holds are tenants' secrets,
 * and directories get copied.
 */
final class SealedFile {
  /** No message of ours begins with it, so what an older agent wrote is recognized. */
  private static final byte SEALED = 0;

  private static final byte[] CONTEXT = "skep journal v1".getBytes(UTF_8);
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path path;
  private final DurableFile file;
  private final SecretKeySpec key;

  SealedFile(Path path, Path keyPath) {
    this.path = path;
    this.file = new DurableFile(path);
    this.key = key(new DurableFile(keyPath));
  }

  /** Without its key nothing can be read: it is asked for again, and sealed with a new one. */
  private static SecretKeySpec key(DurableFile file) {
    Optional<byte[]> there;
    try {
      there = file.read().filter(bytes -> bytes.length == KEY_BYTES);
    } catch (DamagedFile e) {
      file.setAside();
      there = Optional.empty();
    }
    var bytes = there.orElseGet(() -> random(KEY_BYTES));
    if (there.isEmpty()) {
      file.write(bytes);
    }
    return new SecretKeySpec(bytes, "AES");
  }

  private static byte[] random(int length) {
    var bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** Empty when there is none. What an older agent left open is sealed at once. */
  Optional<byte[]> read() {
    var content = file.read();
    if (content.isPresent() && content.get().length > 0 && content.get()[0] != SEALED) {
      write(content.get());
      return content;
    }
    return content.filter(bytes -> bytes.length > 0).map(this::open);
  }

  void write(byte[] bytes) {
    file.write(seal(bytes));
  }

  void setAside() {
    file.setAside();
  }

  private byte[] seal(byte[] bytes) {
    var nonce = random(NONCE_BYTES);
    try {
      var sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(bytes);
      return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
          .put(SEALED)
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  private byte[] open(byte[] content) {
    if (content.length < 1 + NONCE_BYTES) {
      throw new DamagedFile(path, "it is too short");
    }
    var nonce = java.util.Arrays.copyOfRange(content, 1, 1 + NONCE_BYTES);
    try {
      return cipher(Cipher.DECRYPT_MODE, nonce)
          .doFinal(content, 1 + NONCE_BYTES, content.length - 1 - NONCE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new DamagedFile(path, "it was sealed with another key");
    }
  }

  private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(CONTEXT);
    return cipher;
  }
}
