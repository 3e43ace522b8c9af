package dev.skep.controlplane.identity;

/** Hashes as they were made when they cost less. */
public final class CheapHash {
  private CheapHash() {}

  public static String of(String password) {
    return PasswordHash.of(password, new HashingCost(32, 1, 1), new byte[PasswordHash.SALT_BYTES])
        .phc();
  }
}
