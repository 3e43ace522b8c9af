package dev.skep.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.kernel.Refusal;
import org.junit.jupiter.api.Test;

final class PasswordRulesTest {
  @Test
  void anyLongPasswordWillDo() {
    for (String good :
        new String[] {
          "tin soldiers marching",
          "mkqhwzvplrtd",
          "\u4e03\u5e74\u524d\u306b\u6771\u4eac\u3067\u8cb7\u3063\u305f\u9774\u4e0b",
          "x7".repeat(6) + " but not only",
          "z".repeat(100) + "abcdefg 1234 and so on, okay"
        }) {
      assertThatCode(() -> check(good)).as(good).doesNotThrowAnyException();
    }
  }

  @Test
  void lengthIsCountedInCharacters() {
    assertRefused("elevenchars", "has 11 characters; use 12 to 128");
    assertRefused("\ud83d\udc1d".repeat(11), "has 11 characters");
    assertRefused("y".repeat(129), "has 129 characters");
    assertRefused("", "is missing");
  }

  @Test
  void whatIsTriedFirstIsRefused() {
    for (String easy :
        new String[] {
          "qwertyuiop123",
          "correcthorsebatterystaple",
          "Password1234!",
          "ILOVEYOU-2026",
          "aaaaaaaaaaaa",
          "abcabcabcabc",
          "123456789012",
          "0987654321098",
          "abcdefghijkl",
          "ada-lovelace1",
          "skepskepskep1"
        }) {
      assertRefused(easy, "is one of those that are tried first");
    }
  }

  private static void check(String password) {
    PasswordRules.check(password, "ada-lovelace", "password");
  }

  private static void assertRefused(String password, String why) {
    assertThatThrownBy(() -> check(password))
        .as(password)
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("password: " + why)
        .extracting(e -> String.valueOf(e.getMessage()))
        .satisfies(
            message -> {
              if (!password.isEmpty()) {
                org.assertj.core.api.Assertions.assertThat(message).doesNotContain(password);
              }
            });
  }
}
