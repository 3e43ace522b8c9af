package dev.skep.controlplane.pki;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.KmsClient;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The file with the master keys: only its owner can read it, and with a key service nobody can who
 * may not ask that service. It is asked once, at the start.
 */
final class MasterKeyFile {
  private static final byte[] CONTEXT = "skep master key v1".getBytes(UTF_8);

  private final Path file;
  private final Optional<Aead> service;

  private MasterKeyFile(Path file, Optional<Aead> service) {
    this.file = file;
    this.service = service;
  }

  static MasterKeyFile of(Path file, Optional<String> serviceUri) {
    try {
      AeadConfig.register();
      return new MasterKeyFile(
          file, serviceUri.isEmpty() ? Optional.empty() : Optional.of(service(serviceUri.get())));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot use the key service " + serviceUri.orElse(""), e);
    }
  }

  /** Of a client that is on the class path. */
  private static Aead service(String uri) throws GeneralSecurityException {
    for (KmsClient client : ServiceLoader.load(KmsClient.class)) {
      if (client.doesSupport(uri)) {
        return client.withDefaultCredentials().getAead(uri);
      }
    }
    throw new GeneralSecurityException(
        "there is no client for "
            + uri
            + "; put its Tink integration, for example tink-java-gcpkms, beside our libraries");
  }

  /** The keys; made when there is no file. */
  KeysetHandle keys() {
    try {
      return Files.exists(file) ? read() : create();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read or write the master key " + file, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "the master key "
              + file
              + " is damaged, or sealed by a key service that does not open it",
          e);
    }
  }

  /** Adds a key, which seals from the next start on. */
  void rotate() {
    try {
      write(
          KeysetHandle.newBuilder(keys())
              .addEntry(
                  KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                      .withRandomId()
                      .makePrimary())
              .build());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the master key " + file, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot add a master key to " + file, e);
    }
  }

  private KeysetHandle read() throws IOException, GeneralSecurityException {
    String text = Files.readString(file);
    if (text.contains("\"encryptedKeyset\"")) {
      Aead opener =
          service.orElseThrow(
              () ->
                  new GeneralSecurityException(
                      "it is sealed by a key service; set SKEP_MASTER_KEY_URI"));
      return TinkJsonProtoKeysetFormat.parseEncryptedKeyset(text, opener, CONTEXT);
    }
    KeysetHandle keys = TinkJsonProtoKeysetFormat.parseKeyset(text, InsecureSecretKeyAccess.get());
    if (service.isPresent()) {
      // From now on it is worth nothing without the service.
      write(keys);
    }
    return keys;
  }

  private KeysetHandle create() throws IOException, GeneralSecurityException {
    KeysetHandle keys = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
    write(keys);
    return keys;
  }

  private void write(KeysetHandle keys) throws IOException, GeneralSecurityException {
    OwnerFile.write(
        file,
        service.isPresent()
            ? TinkJsonProtoKeysetFormat.serializeEncryptedKeyset(keys, service.get(), CONTEXT)
            : TinkJsonProtoKeysetFormat.serializeKeyset(keys, InsecureSecretKeyAccess.get()));
  }
}
