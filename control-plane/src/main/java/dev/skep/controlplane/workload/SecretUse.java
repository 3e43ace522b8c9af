package dev.skep.controlplane.workload;

/**
 * A secret as a replica gets it: as a variable, or as a file.
 *
 * @param secret its name
 * @param variable empty when it is a file
 * @param path absolute, inside the replica; empty when it is a variable
 * @param mode permission bits of the file
 */
public record SecretUse(String secret, String variable, String path, int mode, int uid, int gid) {
  public static final int DEFAULT_MODE = 0444;

  public static SecretUse variable(String secret, String variable) {
    return new SecretUse(secret, variable, "", 0, 0, 0);
  }

  /** A file that everybody in the replica can read. */
  public static SecretUse file(String secret, String path) {
    return new SecretUse(secret, "", path, DEFAULT_MODE, 0, 0);
  }

  /** Where a secret is when nobody says otherwise. */
  public static String defaultPath(String secret) {
    return "/run/secrets/" + secret;
  }

  public boolean isFile() {
    return variable.isEmpty();
  }
}
