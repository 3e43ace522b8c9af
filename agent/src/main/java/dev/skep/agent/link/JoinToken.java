package dev.skep.agent.link;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an administrator gives a machine so that it may become a worker.
 *
 * @param text the whole token, a secret
 * @param pin hex SHA-256 of the public key of the authority that must have signed the control
 *     plane's certificate
 */
public record JoinToken(String text, String pin) {
  private static final Pattern FORM =
      Pattern.compile("skj1\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.([0-9a-f]{64})");

  /** Empty when the text is no token. */
  public static Optional<JoinToken> parse(String text) {
    var match = FORM.matcher(text.strip());
    return match.matches()
        ? Optional.of(new JoinToken(match.group(), match.group(1)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "JoinToken[…]";
  }
}
