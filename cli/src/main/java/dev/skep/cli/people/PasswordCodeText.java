package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.v1.PasswordCode;
import java.time.ZoneId;

/** What to tell the owner of an account that needs a password. */
final class PasswordCodeText {
  private PasswordCodeText() {}

  static String of(PasswordCode code, String server) {
    return """
        its owner sets a password with this code, once, until %s:
          %s
        like this: skep passwd --code --server %s
        """
        .formatted(
            Humans.localTime(code.getExpireTime(), ZoneId.systemDefault()), code.getCode(), server);
  }
}
