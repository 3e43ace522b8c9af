package dev.skep.controlplane.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.workload.SecretUse;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class RedactionTest {
  private static final SecretAddress ADDRESS =
      new SecretAddress(new OrganizationId(new UUID(0, 1)), new SecretId(new UUID(0, 2)), 1);

  private static ReleaseSecrets.Opened opened(String name, String value) {
    return new ReleaseSecrets.Opened(
        new UUID(0, 3),
        ADDRESS,
        SecretUse.variable(name, "V"),
        Optional.of(SecretValue.of(value.getBytes(UTF_8))));
  }

  private static String redacted(String value, String text) {
    return Redaction.of(List.of(opened("db", value))).text(text);
  }

  @Test
  void aValueIsTakenOutWhereverItStands() {
    assertThat(redacted("hunter2!", "x=hunter2!,hunter2!hunter2!"))
        .isEqualTo("x=[secret db],[secret db][secret db]");
    assertThat(redacted("pässwörd {{", "dsn pässwörd {{ end")).isEqualTo("dsn [secret db] end");
  }

  @Test
  void theNewlineAtTheEndOfAFileIsNoPartOfIt() {
    assertThat(redacted("hunter2!\n", "password hunter2! refused"))
        .isEqualTo("password [secret db] refused");
  }

  @Test
  void base64AndUrlEncodingAreTheSameValue() {
    String value = "p@ss word/+?~ö";
    for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
      assertThat(redacted(value, "v " + encoder.encodeToString(value.getBytes(UTF_8))))
          .startsWith("v [secret db]");
    }
    assertThat(redacted(value, "https://h/?p=p%40ss+word%2F%2B%3F%7E%C3%B6&x"))
        .isEqualTo("https://h/?p=[secret db]&x");
    assertThat(redacted(value, "p%40ss%20word%2F%2B%3F%7E%C3%B6")).isEqualTo("[secret db]");
  }

  @Test
  void aLongLineOfAValueWithSeveralIsEnough() {
    String key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nshort\n-----END KEY-----\n";

    assertThat(redacted(key, "read MIIEvQIBADANBgkqhkiG9w0 from x"))
        .isEqualTo("read [secret db] from x");
    assertThat(redacted(key, "a short text")).isEqualTo("a short text");
  }

  @Test
  void aShortValueIsLeft() {
    assertThat(redacted("admin", "admin logged in")).isEqualTo("admin logged in");
    assertThat(redacted("admin1", "admin1 logged in")).isEqualTo("[secret db] logged in");
  }

  @Test
  void bytesThatAreNoTextStayAsTheyAre() {
    byte[] line = {(byte) 0xff, 'h', 'u', 'n', 't', 'e', 'r', '2', (byte) 0x80, 0};
    Redaction redaction = Redaction.of(List.of(opened("s", "hunter2")));

    assertThat(redaction.bytes(line))
        .isEqualTo(new byte[] {-1, '[', 's', 'e', 'c', 'r', 'e', 't', ' ', 's', ']', -128, 0});
    byte[] other = {1, 2, 3};
    assertThat(redaction.bytes(other)).isSameAs(other);
  }

  @Test
  void ofTwoValuesTheLongerGoesFirst() {
    Redaction redaction =
        Redaction.of(List.of(opened("short", "hunter2"), opened("long", "hunter2-and-more")));

    assertThat(redaction.text("hunter2-and-more hunter2"))
        .isEqualTo("[secret long] [secret short]");
    assertThat(redaction.toString()).doesNotContain("hunter2");
  }
}
