package dev.skep.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a rotation nothing that lasts needs the older keys. */
final class SealedColumnTest {
  private final TestDatabase test = TestDatabase.create();
  @TempDir private Path directory;
  private Path file = Path.of("master.key");

  @BeforeEach
  void key() {
    file = directory.resolve("master.key");
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void theKeysOfTheAuthorityAreSealedAnewAndAreTheSame() {
    MasterKey old = MasterKey.open(file);
    var before = CertificateAuthority.open(test.database(), old, InstantSource.system());
    MasterKey.rotate(file, Optional.empty());
    MasterKey now = MasterKey.open(file);
    assertThat(now.keyId()).isNotEqualTo(old.keyId());
    assertThat(sealedBy(old)).isEqualTo(2);

    CertificateAuthority.sealed().sealAnew(test.database(), now);

    assertThat(sealedBy(old)).isZero();
    assertThat(sealedBy(now)).isEqualTo(2);
    var after = CertificateAuthority.open(test.database(), now, InstantSource.system());
    assertThat(after.root()).isEqualTo(before.root());
    assertThat(after.serverKey()).isEqualTo(before.serverKey());
  }

  /** More than are sealed at once, and some that nobody can open. */
  @Test
  void whatCannotBeOpenedStaysAndHoldsUpNothing() {
    MasterKey old = MasterKey.open(file);
    MasterKey lost = MasterKey.open(directory.resolve("lost.key"));
    for (int i = 0; i < 230; i++) {
      MasterKey key = i % 100 == 7 ? lost : old;
      String name = "value-%03d".formatted(i);
      byte[] sealed = key.seal(name.getBytes(StandardCharsets.UTF_8), name);
      test.database()
          .useTransaction(
              handle ->
                  handle.execute(
                      "insert into sealed_values (name, ciphertext, public_part) values (?, ?, '')",
                      name,
                      sealed));
    }
    MasterKey.rotate(file, Optional.empty());
    MasterKey now = MasterKey.open(file);

    CertificateAuthority.sealed().sealAnew(test.database(), now);

    assertThat(sealedBy(now)).isEqualTo(227);
    assertThat(sealedBy(lost)).isEqualTo(3);
    List<byte[]> values =
        test.database()
            .read(
                handle ->
                    handle
                        .createQuery(
                            "select ciphertext from sealed_values where name = 'value-229'")
                        .mapTo(byte[].class)
                        .list());
    assertThat(now.open(values.getFirst(), "value-229")).asString().isEqualTo("value-229");
  }

  private int sealedBy(MasterKey key) {
    return test.database()
        .read(
            handle ->
                handle
                    .createQuery(
                        "select count(*) from sealed_values where substring(ciphertext for 5) = :prefix")
                    .bind("prefix", key.prefix())
                    .mapTo(Integer.class)
                    .one());
  }
}
