package dev.skep.controlplane.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Something that people should know without asking.
 *
 * @param organization null when it concerns the whole platform
 * @param type stable word for programs, for example worker_lost
 * @param subject name of the worker, service or cluster
 * @param message sentence for people
 */
public record Notification(
    @Nullable OrganizationId organization,
    Severity severity,
    String type,
    String subject,
    String message) {
  /** How much it matters. */
  public enum Severity {
    INFO,
    /** Somebody should look at it. */
    WARNING,
    /** Somebody should look at it now. */
    CRITICAL
  }

  /** One that concerns the whole platform. */
  public static Notification ofPlatform(
      Severity severity, String type, String subject, String message) {
    return new Notification(null, severity, type, subject, message);
  }
}
