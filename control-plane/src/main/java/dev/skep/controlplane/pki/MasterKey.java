package dev.skep.controlplane.pki;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Seals what the database keeps but must not show: the CA's key, the Swarm's join tokens, the keys
 * of secrets. It is a file apart; without it the database is worth nothing to a thief.
 */
public final class MasterKey {
  /** Context of the Swarm's token for new workers: stored by who hears it, read by who tells it. */
  public static final String SWARM_WORKER_TOKEN = "swarm-worker-token";

  private final Aead aead;
  private final String keyId;

  private MasterKey(Aead aead, String keyId) {
    this.aead = aead;
    this.keyId = keyId;
  }

  /** Reads the key, or makes it when the file does not exist. */
  public static MasterKey open(Path file) {
    return open(file, Optional.empty());
  }

  /** {@code serviceUri}: of the key service that seals the file, for example gcp-kms://… */
  public static MasterKey open(Path file, Optional<String> serviceUri) {
    KeysetHandle keys = MasterKeyFile.of(file, serviceUri).keys();
    try {
      return new MasterKey(
          keys.getPrimitive(RegistryConfiguration.get(), Aead.class),
          "%08x".formatted(keys.getPrimary().getId()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the master key " + file + " cannot be used", e);
    }
  }

  /** Adds a key, which seals from the next start on; the older ones open what they sealed. */
  public static void rotate(Path file, Optional<String> serviceUri) {
    MasterKeyFile.of(file, serviceUri).rotate();
  }

  /** Which key {@link #seal} uses. */
  public String keyId() {
    return keyId;
  }

  /** The first bytes of what {@link #seal} makes: they tell which key it was. */
  byte[] prefix() {
    return HexFormat.of().parseHex("01" + keyId);
  }

  /** {@code context} names what the bytes are; they open only under the same name. */
  public byte[] seal(byte[] plain, String context) {
    try {
      return aead.encrypt(plain, context.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal " + context, e);
    }
  }

  /**
   * Opens what {@link #seal} made.
   *
   * @throws IllegalStateException when the bytes were changed or sealed by another key
   */
  public byte[] open(byte[] sealed, String context) {
    try {
      return aead.decrypt(sealed, context.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "cannot open " + context + ": it was sealed by another master key or was changed", e);
    }
  }
}
