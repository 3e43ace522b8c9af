package dev.skep.controlplane.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.skep.controlplane.pki.MasterKey;
import java.security.GeneralSecurityException;

/**
 * Seals each value with a key of its own, and that key with the master key: changing the master key
 * is changing small wrappings, and no key encrypts more than one message.
 */
public final class Vault {
  private final MasterKey masterKey;

  public Vault(MasterKey masterKey) {
    this.masterKey = masterKey;
  }

  /** Under which master key new values are sealed. */
  public String keyId() {
    return masterKey.keyId();
  }

  public SealedSecret seal(SecretValue value, SecretAddress address) {
    try {
      KeysetHandle key = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
      byte[] wrapped =
          masterKey.seal(
              TinkProtoKeysetFormat.serializeKeyset(key, InsecureSecretKeyAccess.get()),
              address.context());
      byte[] ciphertext = aead(key).encrypt(value.bytes(), address.context().getBytes(UTF_8));
      return new SealedSecret(ciphertext, wrapped, masterKey.keyId());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal a secret", e);
    }
  }

  /**
   * Opens what was sealed for exactly this address.
   *
   * @throws IllegalStateException when it was changed, moved, or sealed under another master key
   */
  public SecretValue open(SealedSecret sealed, SecretAddress address) {
    byte[] key = masterKey.open(sealed.wrappedKey(), address.context());
    try {
      KeysetHandle handle = TinkProtoKeysetFormat.parseKeyset(key, InsecureSecretKeyAccess.get());
      return SecretValue.of(
          aead(handle).decrypt(sealed.ciphertext(), address.context().getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "version " + address.number() + " of secret " + address.secret() + " was changed", e);
    }
  }

  /** The same value, its key under the newest master key. */
  public SealedSecret rewrap(SealedSecret sealed, SecretAddress address) {
    byte[] key = masterKey.open(sealed.wrappedKey(), address.context());
    return new SealedSecret(
        sealed.ciphertext(), masterKey.seal(key, address.context()), masterKey.keyId());
  }

  private static Aead aead(KeysetHandle key) throws GeneralSecurityException {
    return key.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }
}
