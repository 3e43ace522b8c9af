package dev.skep.cli.format;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Text that came over the wire, made harmless for a terminal. */
public final class Terminal {
  private static final Pattern STEERING =
      Pattern.compile("(\\u001b\\[[0-9;]*m|\\t)|[\\p{Cntrl}\\u0080-\\u009f]");

  private Terminal() {}

  /** Control characters could move the cursor or change the title: none is let through. */
  public static String safe(String text) {
    return text.chars().anyMatch(Character::isISOControl)
        ? text.replaceAll("[\\p{Cntrl}\\u0080-\\u009f]+", " ").strip()
        : text;
  }

  /** Several lines stay several lines, the further ones indented. */
  public static String safeBlock(String text) {
    return text.strip().lines().map(Terminal::safe).collect(Collectors.joining("\n  "));
  }

  /** A log line keeps its tabs and colors; what else could steer the terminal is dropped. */
  public static String safeLog(String text) {
    return text.chars().anyMatch(Character::isISOControl)
        ? STEERING.matcher(text).replaceAll("$1")
        : text;
  }
}
