package dev.skep.controlplane.identity;

import java.io.ByteArrayOutputStream;
import java.time.Instant;

/** What people have on their phones: knows a secret as text, and shows codes. */
public final class AuthenticatorApp {
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private final byte[] secret;

  public AuthenticatorApp(String base32) {
    var bytes = new ByteArrayOutputStream();
    int buffer = 0;
    int bits = 0;
    for (int i = 0; i < base32.length(); i++) {
      buffer = (buffer << 5) | LETTERS.indexOf(base32.charAt(i));
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.write(buffer >> bits);
      }
    }
    this.secret = bytes.toByteArray();
  }

  /** The code of now, or of so many steps later. */
  public String code(int later) {
    return Totp.code(secret, Instant.now().getEpochSecond() / Totp.STEP_SECONDS + later);
  }
}
