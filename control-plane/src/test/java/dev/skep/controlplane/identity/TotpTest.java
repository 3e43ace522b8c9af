package dev.skep.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TotpTest {
  /** Of appendix B of RFC 6238, whose codes have eight digits; ours are the last six. */
  private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.UTF_8);

  private static final Instant NOW = Instant.ofEpochSecond(1_111_111_109);
  private static final long STEP = 1_111_111_109 / 30;

  @Test
  void codesAreThoseOfTheStandard() {
    assertThat(Totp.code(SECRET, 59 / 30)).isEqualTo("287082");
    assertThat(Totp.code(SECRET, STEP)).isEqualTo("081804");
    assertThat(Totp.code(SECRET, 1_111_111_111 / 30)).isEqualTo("050471");
    assertThat(Totp.code(SECRET, 1_234_567_890 / 30)).isEqualTo("005924");
    assertThat(Totp.code(SECRET, 2_000_000_000 / 30)).isEqualTo("279037");
    assertThat(Totp.code(SECRET, 20_000_000_000L / 30)).isEqualTo("353130");
  }

  @Test
  void aClockMayBeHalfAMinuteWrong() {
    for (long step = STEP - 1; step <= STEP + 1; step++) {
      assertThat(Totp.step(SECRET, Totp.code(SECRET, step), NOW, 0)).hasValue(step);
    }
    assertThat(Totp.step(SECRET, Totp.code(SECRET, STEP - 2), NOW, 0)).isEmpty();
    assertThat(Totp.step(SECRET, Totp.code(SECRET, STEP + 2), NOW, 0)).isEmpty();
  }

  @Test
  void aCodeIsWorthNothingTheSecondTime() {
    String code = Totp.code(SECRET, STEP);

    assertThat(Totp.step(SECRET, code, NOW, STEP - 1)).hasValue(STEP);
    assertThat(Totp.step(SECRET, code, NOW, STEP)).isEmpty();
    assertThat(Totp.step(SECRET, Totp.code(SECRET, STEP - 1), NOW, STEP)).isEmpty();
  }

  @Test
  void base32IsThatOfTheStandard() {
    assertThat(Base32.of("foobar".getBytes(StandardCharsets.UTF_8))).isEqualTo("MZXW6YTBOI");
    assertThat(Base32.of("fooba".getBytes(StandardCharsets.UTF_8))).isEqualTo("MZXW6YTB");
    assertThat(Base32.of("f".getBytes(StandardCharsets.UTF_8))).isEqualTo("MY");
  }
}
