package dev.skep.controlplane.quotas;

import dev.skep.controlplane.kernel.Notification.Severity;
import dev.skep.controlplane.quota.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an allowance at a moment, and what people have to know of it. Once it was taken,
 * the same moment changes nothing more.
 */
record QuotaStep(Allowance after, List<Notice> notices) {
  static final Duration GRACE = Duration.ofDays(7);

  /** A level that was told is forgotten when use has fallen so far below it. */
  private static final int SLACK = 5;

  /** One sentence for the organization. */
  record Notice(Severity severity, String type, String message) {}

  /** {@code grace}: for how long use above a limit is tolerated, if it begins now. */
  static QuotaStep of(Allowance before, Instant now, Duration grace) {
    List<Notice> notices = new ArrayList<>();
    Allowance after = interimOver(before, now, notices);
    after = grace(after, now, grace, notices);
    after = levels(after, now, notices);
    return new QuotaStep(after, notices);
  }

  private static Allowance interimOver(Allowance before, Instant now, List<Notice> notices) {
    Interim interim = before.interim();
    if (interim == null || now.isBefore(interim.until())) {
      return before;
    }
    notices.add(
        new Notice(
            Severity.INFO,
            "quota_override_ended",
            "The override of "
                + before.resource().word()
                + " ended; the limit is "
                + shown(before.resource(), before.base())
                + " again"));
    return before.withInterim(null);
  }

  private static Allowance grace(
      Allowance before, Instant now, Duration grace, List<Notice> notices) {
    if (!before.over(now)) {
      return before.withGrace(null, false);
    }
    Instant until = before.graceUntil();
    if (until == null) {
      Instant end = now.plus(grace);
      notices.add(
          new Notice(
              Severity.WARNING,
              "quota_lowered",
              over(before, now)
                  + ". All of it keeps running and more is refused; go below the limit until "
                  + end));
      return before.withGrace(end, false);
    }
    if (before.graceTold() || now.isBefore(until)) {
      return before;
    }
    notices.add(
        new Notice(
            Severity.CRITICAL,
            "quota_grace_over",
            over(before, now) + ", and the time of grace is over. Nothing is stopped by itself"));
    return before.withGrace(until, true);
  }

  private static Allowance levels(Allowance before, Instant now, List<Notice> notices) {
    int percent = before.percent(now);
    int level = level(before.announced(), percent);
    if (level > before.announced()) {
      notices.add(
          new Notice(
              level == 90 ? Severity.CRITICAL : Severity.WARNING,
              "quota_" + level + "_percent",
              before.resource().word()
                  + ": "
                  + percent
                  + " % used, "
                  + before.resource().show(before.used())
                  + " of "
                  + shown(before.resource(), before.limit(now))
                  + ". At 100 % more is refused"));
    }
    return before.withAnnounced(level);
  }

  /** What people know after they were told; use that wavers about a level is one crossing. */
  static int level(int announced, int percent) {
    int level = percent >= 90 ? 90 : percent >= 80 ? 80 : 0;
    return level < announced && percent >= announced - SLACK ? announced : level;
  }

  private static String over(Allowance allowance, Instant now) {
    Resource resource = allowance.resource();
    return resource.word()
        + ": "
        + resource.show(allowance.used())
        + " used, and the limit is "
        + shown(resource, allowance.limit(now));
  }

  private static String shown(Resource resource, @Nullable Long limit) {
    return limit == null ? "unlimited" : resource.show(limit);
  }
}
