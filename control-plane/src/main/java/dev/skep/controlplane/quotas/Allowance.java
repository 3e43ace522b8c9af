package dev.skep.controlplane.quotas;

import dev.skep.controlplane.quota.Resource;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an organization may take of a resource, takes, and was told of it.
 *
 * @param base the limit that holds when there is no other; null for unlimited
 * @param announced percent that people were told of last: 0, 80 or 90
 * @param graceUntil until when use above the limit is tolerated; null when there is none
 * @param graceTold whether people know that this is over
 */
record Allowance(
    Resource resource,
    @Nullable Long base,
    long used,
    @Nullable Interim interim,
    int announced,
    @Nullable Instant graceUntil,
    boolean graceTold) {
  /** The limit that holds; null for unlimited. */
  @Nullable Long limit(Instant now) {
    return interim != null && now.isBefore(interim.until()) ? interim.limit() : base;
  }

  /** What is used of the limit, rounded down. */
  int percent(Instant now) {
    Long limit = limit(now);
    if (limit == null || used == 0) {
      return 0;
    }
    return limit == 0 ? 100 : (int) Math.min(Integer.MAX_VALUE, used * 100 / limit);
  }

  boolean over(Instant now) {
    Long limit = limit(now);
    return limit != null && used > limit;
  }

  Allowance withBase(@Nullable Long limit) {
    return new Allowance(resource, limit, used, interim, announced, graceUntil, graceTold);
  }

  Allowance withInterim(@Nullable Interim other) {
    return new Allowance(resource, base, used, other, announced, graceUntil, graceTold);
  }

  Allowance withAnnounced(int percent) {
    return new Allowance(resource, base, used, interim, percent, graceUntil, graceTold);
  }

  Allowance withGrace(@Nullable Instant until, boolean told) {
    return new Allowance(resource, base, used, interim, announced, until, told);
  }

  Allowance withUsed(long amount) {
    return new Allowance(resource, base, amount, interim, announced, graceUntil, graceTold);
  }
}
