package dev.skep.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.WorkerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PkiTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  @TempDir Path directory = Path.of("");
  private final TestDatabase test = TestDatabase.create();

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void whatWasSealedOpensOnlyUnderItsContextAndItsKey() {
    MasterKey key = MasterKey.open(directory.resolve("one.key"));
    MasterKey other = MasterKey.open(directory.resolve("other.key"));
    byte[] sealed = key.seal(new byte[] {1, 2, 3}, "a");

    assertThat(key.open(sealed, "a")).containsExactly(1, 2, 3);
    assertThat(MasterKey.open(directory.resolve("one.key")).open(sealed, "a")).hasSize(3);
    assertThatThrownBy(() -> key.open(sealed, "b")).hasMessageContaining("cannot open b");
    assertThatThrownBy(() -> other.open(sealed, "a")).isInstanceOf(IllegalStateException.class);
    sealed[sealed.length - 1] ^= 1;
    assertThatThrownBy(() -> key.open(sealed, "a")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void onlyItsOwnerReadsTheMasterKey() throws Exception {
    Path file = directory.resolve("master.key");
    MasterKey.open(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.writeString(file, "{}");
    assertThatThrownBy(() -> MasterKey.open(file)).hasMessageContaining("is damaged");
  }

  @Test
  void theAuthorityIsTheSameAfterItIsOpenedAgain() {
    CertificateAuthority first = authority();
    CertificateAuthority second = authority();

    assertThat(second.root()).isEqualTo(first.root());
    assertThat(second.pin()).isEqualTo(first.pin()).matches("[0-9a-f]{64}");
    assertThat(second.serverPublicKey()).isEqualTo(first.serverPublicKey());
  }

  @Test
  void theDatabaseAloneDoesNotOpenTheAuthority() throws Exception {
    authority();
    Files.delete(directory.resolve("master.key"));

    assertThatThrownBy(this::authority).hasMessageContaining("cannot open agent-ca");
  }

  @Test
  void aWorkersCertificateProvesItsIdAndNothingElse() throws Exception {
    CertificateAuthority authority = authority();
    KeyPair key = Keys.newPair();
    WorkerId worker = new WorkerId(new UUID(1, 2));
    X509Certificate certificate = authority.issueWorker(worker, key.getPublic());

    certificate.verify(authority.root().getPublicKey());
    assertThat(certificate.getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://skep/worker/" + worker));
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(certificate.getBasicConstraints()).as("is no authority").isEqualTo(-1);
    assertThat(certificate.getKeyUsage()).startsWith(true, false, false, false, false, false);
    assertThat(certificate.getNotBefore().toInstant()).isEqualTo(NOW.minus(Duration.ofHours(1)));
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofHours(24)));
    assertThat(certificate.getPublicKey()).isEqualTo(key.getPublic());
    assertThatThrownBy(() -> certificate.verify(key.getPublic()))
        .isInstanceOf(SignatureException.class);
  }

  @Test
  void theServersCertificateHasItsNames() throws Exception {
    CertificateAuthority authority = authority();
    List<X509Certificate> chain = authority.serverChain(List.of("skep.example", "10.0.0.1"));

    assertThat(chain.getFirst().getSubjectAlternativeNames())
        .containsExactlyInAnyOrder(
            List.of(2, "control-plane.skep.internal"),
            List.of(2, "skep.example"),
            List.of(7, "10.0.0.1"));
    assertThat(chain.getFirst().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(chain.getLast()).isEqualTo(authority.root());
  }

  @Test
  void onlyP256KeysAreTaken() throws Exception {
    var generator = java.security.KeyPairGenerator.getInstance("EC");
    generator.initialize(384);
    byte[] p384 = generator.generateKeyPair().getPublic().getEncoded();
    byte[] p256 = Keys.newPair().getPublic().getEncoded();

    assertThat(Keys.parsePublicKey(p256)).isPresent();
    assertThat(Keys.parsePublicKey(p384)).isEmpty();
    assertThat(Keys.parsePublicKey(new byte[] {1})).isEmpty();
  }

  private CertificateAuthority authority() {
    return CertificateAuthority.open(
        test.database(), MasterKey.open(directory.resolve("master.key")), CLOCK);
  }
}
