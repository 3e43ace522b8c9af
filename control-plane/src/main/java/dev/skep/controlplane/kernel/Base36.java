package dev.skep.controlplane.kernel;

import java.math.BigInteger;
import java.util.UUID;

/** Short names for ids where a length is limited: Swarm object names have 63 characters. */
public final class Base36 {
  private Base36() {}

  /** 25 characters of a-z and 0-9; the same id always gives the same text. */
  public static String of(UUID id) {
    String text = new BigInteger(id.toString().replace("-", ""), 16).toString(36);
    return "0".repeat(25 - text.length()) + text;
  }
}
