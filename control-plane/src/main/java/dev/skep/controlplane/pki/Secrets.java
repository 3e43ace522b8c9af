package dev.skep.controlplane.pki;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Random secrets. */
public final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 32;

  private Secrets() {}

  /** 256 random bits in hex; so many that a fast hash is enough to store them. */
  public static String next() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
