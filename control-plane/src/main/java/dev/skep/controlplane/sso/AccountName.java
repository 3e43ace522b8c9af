package dev.skep.controlplane.sso;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A name for somebody who comes from elsewhere. */
final class AccountName {
  private static final int LONGEST = 50;
  private static final int TRIES = 1_000;

  private AccountName() {}

  /** As much of the wish as a name can have, with a number when somebody else is called so. */
  static String of(String wish, Predicate<String> taken) {
    String plain =
        wish.toLowerCase(Locale.ROOT)
            .replaceFirst("@.*", "")
            .replaceAll("[^a-z0-9._-]+", "-")
            .replaceAll("^[._-]+", "");
    String cut = plain.substring(0, Math.min(plain.length(), LONGEST)).replaceAll("[._-]+$", "");
    String base = cut.isEmpty() ? "user" : cut;
    return IntStream.rangeClosed(1, TRIES)
        .mapToObj(i -> i == 1 ? base : base + "-" + i)
        .filter(taken.negate())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a thousand people are called " + base));
  }
}
