package dev.skep.controlplane.secrets;

import dev.skep.controlplane.kernel.SecretId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a secret.
 *
 * @param versions newest first; none in a list
 * @param users by service and release; none in a list
 */
record SecretRecord(
    SecretId id,
    String name,
    int lastVersion,
    Instant createdAt,
    Instant updatedAt,
    List<Version> versions,
    List<User> users) {

  SecretRecord with(List<Version> itsVersions, List<User> itsUsers) {
    return new SecretRecord(id, name, lastVersion, createdAt, updatedAt, itsVersions, itsUsers);
  }

  /**
   * One version, without its value.
   *
   * @param keepUntil null for the newest
   */
  record Version(
      int number, int bytes, String createdBy, Instant createdAt, @Nullable Instant keepUntil) {}

  /**
   * A release that has it and runs, shall run, or ran last.
   *
   * @param variable empty when it is a file
   * @param path empty when it is a variable
   */
  record User(
      String serviceId, String service, int release, int version, String variable, String path) {
    String words() {
      return "service " + service + " (release " + release + ")";
    }
  }
}
