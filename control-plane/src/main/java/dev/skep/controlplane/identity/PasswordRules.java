package dev.skep.controlplane.identity;

import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a password must be: long, and none of those that are tried first. Which characters it has is
 * its owner's business.
 */
final class PasswordRules {
  private static final int SHORTEST = 12;
  private static final int LONGEST = 128;
  private static final int FRESH = 8;
  private static final int LONGEST_UNIT = 4;
  private static final Set<String> COMMON = common();

  private PasswordRules() {}

  /**
   * Refuses what is too easy.
   *
   * @param field where the caller wrote it
   */
  static void check(String password, String userName, String field) {
    problem(password, userName)
        .ifPresent(
            problem -> {
              throw Refusal.ofField(Reason.INVALID_FIELD, field, problem);
            });
  }

  private static Optional<String> problem(String password, String userName) {
    int length = password.codePointCount(0, password.length());
    if (password.isEmpty()) {
      return Optional.of("is missing");
    }
    if (length < SHORTEST || length > LONGEST) {
      return Optional.of(
          "has %d characters; use %d to %d of any kind, for example a few words"
              .formatted(length, SHORTEST, LONGEST));
    }
    String plain =
        Normalizer.normalize(password, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT).strip();
    boolean easy =
        COMMON.contains(plain)
            || COMMON.contains(plain.replaceFirst("[^\\p{L}]+$", ""))
            || repeats(plain)
            || counts(plain)
            || isLittleMoreThan(plain, userName.toLowerCase(Locale.ROOT))
            || isLittleMoreThan(plain, "skep");
    return easy
        ? Optional.of("is one of those that are tried first; use another one")
        : Optional.empty();
  }

  /** {@code abcabcabcabc} */
  private static boolean repeats(String text) {
    for (int unit = 1; unit <= LONGEST_UNIT; unit++) {
      if (text.substring(unit).equals(text.substring(0, text.length() - unit))) {
        return true;
      }
    }
    return false;
  }

  /** {@code 123456789012}, {@code abcdefghijkl} */
  private static boolean counts(String text) {
    int[] points = text.codePoints().toArray();
    int steps = 0;
    for (int i = 1; i < points.length; i++) {
      int step = points[i] - points[i - 1];
      boolean wraps = points[i] == '0' && points[i - 1] == '9';
      if (step == 1 || step == -1 || wraps) {
        steps++;
      }
    }
    return steps >= points.length - 2;
  }

  private static boolean isLittleMoreThan(String text, String word) {
    return word.length() > 2
        && text.contains(word)
        && text.replace(word, "").codePoints().count() < FRESH;
  }

  private static Set<String> common() {
    try (InputStream in = PasswordRules.class.getResourceAsStream("/common-passwords.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
