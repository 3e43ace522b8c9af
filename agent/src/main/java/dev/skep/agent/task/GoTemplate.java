package dev.skep.agent.task;

/**
 * Swarm expands Go templates in environment values and mounts, and quotes the whole value in the
 * error when one is broken. Escaped, every text means itself.
 */
final class GoTemplate {
  private GoTemplate() {}

  /**
   * A text that expands to {@code literal}. A template action ends at the first "}}" after it, so
   * only openings need care; a "{" before an opening is part of the text and stays.
   */
  static String escape(String literal) {
    return literal.replace("{{", "{{\"{{\"}}");
  }
}
