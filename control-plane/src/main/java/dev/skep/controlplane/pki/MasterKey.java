package dev.skep.controlplane.pki;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/**
 * Seals what the database keeps but must not show: the CA's key and the Swarm's join tokens. The
 * key is a file that only its owner can read; without it the database is worth nothing to a thief.
 */
public final class MasterKey {
  /** Context of the Swarm's token for new workers: stored by who hears it, read by who tells it. */
  public static final String SWARM_WORKER_TOKEN = "swarm-worker-token";

  private final Aead aead;

  private MasterKey(Aead aead) {
    this.aead = aead;
  }

  /** Reads the key, or makes it when the file does not exist. */
  public static MasterKey open(Path file) {
    try {
      AeadConfig.register();
      KeysetHandle keys = Files.exists(file) ? read(file) : create(file);
      return new MasterKey(keys.getPrimitive(RegistryConfiguration.get(), Aead.class));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read or write the master key " + file, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the master key " + file + " is damaged", e);
    }
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

  private static KeysetHandle read(Path file) throws IOException, GeneralSecurityException {
    return TinkJsonProtoKeysetFormat.parseKeyset(
        Files.readString(file), InsecureSecretKeyAccess.get());
  }

  private static KeysetHandle create(Path file) throws IOException, GeneralSecurityException {
    KeysetHandle keys = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
    OwnerFile.write(
        file, TinkJsonProtoKeysetFormat.serializeKeyset(keys, InsecureSecretKeyAccess.get()));
    return keys;
  }
}
