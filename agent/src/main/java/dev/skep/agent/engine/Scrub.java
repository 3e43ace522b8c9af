package dev.skep.agent.engine;

import java.util.regex.Pattern;

/**
 * Takes out of the engine's messages what may be a tenant's secret. Swarm quotes whole environment
 * values and join tokens in its errors, and addresses of registries with what stands in them.
 */
final class Scrub {
  private static final int MAX_LENGTH = 500;
  private static final Pattern EXPANDING = Pattern.compile("expanding env \".*", Pattern.DOTALL);
  private static final Pattern ASSIGNMENT =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_.-]*)=(\"[^\"]*\"|\\S+)");
  private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s]+@");
  private static final Pattern AUTHORIZATION =
      Pattern.compile("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9+/=._~-]{8,}");
  private static final Pattern JOIN_TOKEN = Pattern.compile("SWMTKN-\\S+");

  private Scrub() {}

  static String message(String raw) {
    String text = EXPANDING.matcher(raw).replaceAll("expanding env …");
    text = JOIN_TOKEN.matcher(text).replaceAll("SWMTKN-…");
    text = USER_INFO.matcher(text).replaceAll("://…@");
    text = AUTHORIZATION.matcher(text).replaceAll("$1 …");
    text = ASSIGNMENT.matcher(text).replaceAll("$1=…");
    text = text.replaceAll("[\\p{Cntrl}]+", " ").strip();
    return text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "…" : text;
  }
}
