package dev.skep.controlplane.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.pki.MasterKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VaultTest {
  private static final SecretValue VALUE = SecretValue.of("hunter2".getBytes(UTF_8));

  @TempDir private Path directory;
  private final OrganizationId one = new OrganizationId(UUID.randomUUID());
  private final SecretId secret = new SecretId(UUID.randomUUID());
  private final SecretAddress here = new SecretAddress(one, secret, 1);
  private Path file = Path.of("");

  @BeforeEach
  void key() {
    file = directory.resolve("master.key");
  }

  private Vault vault() {
    return new Vault(MasterKey.open(file));
  }

  @Test
  void whatWasSealedOpensAfterARestart() {
    SealedSecret sealed = vault().seal(VALUE, here);

    assertThat(vault().open(sealed, here).text()).isEqualTo("hunter2");
    assertThat(new String(sealed.ciphertext(), UTF_8)).doesNotContain("hunter2");
    assertThat(VALUE.toString()).doesNotContain("hunter2");
  }

  @Test
  void itOpensForNoOtherOrganizationSecretOrVersion() {
    SealedSecret sealed = vault().seal(VALUE, here);

    for (SecretAddress other :
        List.of(
            new SecretAddress(new OrganizationId(UUID.randomUUID()), secret, 1),
            new SecretAddress(one, new SecretId(UUID.randomUUID()), 1),
            new SecretAddress(one, secret, 2))) {
      assertDoesNotOpen(sealed, other);
    }
  }

  @Test
  void aKeyThatIsSwappedOrBytesThatAreChangedDoNotOpen() {
    SealedSecret sealed = vault().seal(VALUE, here);
    SealedSecret other = vault().seal(VALUE, here);
    byte[] flipped = sealed.ciphertext().clone();
    flipped[flipped.length - 1] ^= 1;
    byte[] cut = java.util.Arrays.copyOf(sealed.ciphertext(), sealed.ciphertext().length - 1);

    assertDoesNotOpen(
        new SealedSecret(sealed.ciphertext(), other.wrappedKey(), sealed.keyId()), here);
    assertDoesNotOpen(new SealedSecret(flipped, sealed.wrappedKey(), sealed.keyId()), here);
    assertDoesNotOpen(new SealedSecret(cut, sealed.wrappedKey(), sealed.keyId()), here);
  }

  @Test
  void anotherMasterKeyOpensNothing() {
    SealedSecret sealed = vault().seal(VALUE, here);

    Vault stranger = new Vault(MasterKey.open(directory.resolve("other.key")));

    assertThatThrownBy(() -> stranger.open(sealed, here))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aRotatedMasterKeyOpensTheOldAndSealsWithTheNew() {
    SealedSecret old = vault().seal(VALUE, here);
    MasterKey.rotate(file, Optional.empty());

    Vault rotated = vault();
    SealedSecret now = rotated.rewrap(old, here);

    assertThat(rotated.open(old, here).text()).isEqualTo("hunter2");
    assertThat(rotated.open(now, here).text()).isEqualTo("hunter2");
    assertThat(now.keyId()).isEqualTo(rotated.keyId()).isNotEqualTo(old.keyId());
    assertThat(now.ciphertext()).isEqualTo(old.ciphertext());
  }

  @Test
  void aKeyServiceSealsTheFileAlsoOneThatWasThereBefore() throws Exception {
    SealedSecret sealed = vault().seal(VALUE, here);
    Optional<String> uri = Optional.of("test-kms://" + directory.resolve("service.key"));

    Vault served = new Vault(MasterKey.open(file, uri));

    assertThat(served.open(sealed, here).text()).isEqualTo("hunter2");
    assertThat(Files.readString(file)).contains("encryptedKeyset");
    assertThatThrownBy(() -> MasterKey.open(file))
        .hasStackTraceContaining("set SKEP_MASTER_KEY_URI");
    assertThatThrownBy(
            () -> MasterKey.open(file, Optional.of("test-kms://" + directory.resolve("other"))))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> MasterKey.open(file, Optional.of("aws-kms://arn")))
        .hasStackTraceContaining("there is no client for aws-kms://arn");
    MasterKey.rotate(file, uri);
    assertThat(new Vault(MasterKey.open(file, uri)).open(sealed, here).text()).isEqualTo("hunter2");
  }

  @Test
  void textIsUtf8WithoutNul() {
    assertThat(SecretValue.of("ünï\n{{".getBytes(UTF_8)).isText()).isTrue();
    assertThat(SecretValue.of(new byte[] {'a', 0}).isText()).isFalse();
    assertThat(SecretValue.of(new byte[] {(byte) 0xff, 'a'}).isText()).isFalse();
  }

  private void assertDoesNotOpen(SealedSecret sealed, SecretAddress address) {
    assertThatThrownBy(() -> vault().open(sealed, address))
        .isInstanceOf(IllegalStateException.class);
  }
}
