package dev.skep.controlplane.quotas;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.v1.Permission;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How many calls an organization and a token may make in a minute, at this control plane. Each
 * control plane counts for itself, in memory.
 */
public final class ApiRates {
  /** Organizations, and tokens, that are remembered; those that have called last. */
  private static final int MOST = 10_000;

  /** How long a limit that was read is believed. */
  private static final long FRESH = Duration.ofSeconds(5).toNanos();

  private final Database database;
  private final OptionalInt perToken;
  private final Map<String, RateWindow> tokens = Collections.synchronizedMap(new Newest<>());
  private final Map<OrganizationId, Known> organizations =
      Collections.synchronizedMap(new Newest<>());

  ApiRates(Database database, OptionalInt perToken) {
    this.database = database;
    this.perToken = perToken;
  }

  /** What was read of an organization; no window where there is no limit. */
  private record Known(Optional<RateWindow> window, long readAt) {}

  /**
   * Counts a call of somebody who is known.
   *
   * @param credential what the token is recognized by
   * @throws Refusal RATE_LIMITED, with the time to wait
   */
  public void count(Caller caller, String credential) {
    if (perToken.isPresent()) {
      String key = HexFormat.of().formatHex(Digests.sha256(credential));
      RateWindow window = tokens.computeIfAbsent(key, k -> new RateWindow(perToken.getAsInt()));
      take(window, "this token");
    }
    // Else a low limit would keep away those who could raise it.
    if (!caller.may(Permission.PERMISSION_PLATFORM_WRITE)) {
      window(caller.organization())
          .ifPresent(window -> take(window, "organization " + caller.organizationName()));
    }
  }

  private static void take(RateWindow window, String who) {
    if (window.take()) {
      return;
    }
    if (window.limit() == 0) {
      throw new Refusal(
          Reason.RATE_LIMITED,
          who + " may make no calls; ask a platform admin for a higher limit of api-requests");
    }
    Duration rest = window.rest();
    throw Refusal.later(
        who
            + " may make "
            + window.limit()
            + " calls a minute and has made them; try again in "
            + rest.toSeconds()
            + " s",
        rest);
  }

  /** Calls of this minute; 0 where they are not limited. */
  long used(OrganizationId organization) {
    Known known = organizations.get(organization);
    return known == null ? 0 : known.window.map(RateWindow::used).orElse(0);
  }

  private Optional<RateWindow> window(OrganizationId organization) {
    Known known = organizations.get(organization);
    if (known != null && System.nanoTime() - known.readAt < FRESH) {
      return known.window;
    }
    OptionalInt limit = read(organization);
    return organizations.compute(
            organization, (o, before) -> new Known(window(limit, before), System.nanoTime()))
        .window;
  }

  /** The minute goes on when the limit is still the same. */
  private static Optional<RateWindow> window(OptionalInt limit, @Nullable Known before) {
    if (limit.isEmpty()) {
      return Optional.empty();
    }
    Optional<RateWindow> same =
        before == null
            ? Optional.empty()
            : before.window.filter(window -> window.limit() == limit.getAsInt());
    return same.isPresent() ? same : Optional.of(new RateWindow(limit.getAsInt()));
  }

  private OptionalInt read(OrganizationId organization) {
    return database
        .read(
            handle ->
                handle
                    .createQuery(
                        "select quota_limit(q) from quotas q where organization_id = :organization"
                            + " and resource = 'API_REQUESTS' and quota_limit(q) is not null")
                    .bind("organization", organization.value())
                    .mapTo(Long.class)
                    .findOne())
        .map(limit -> OptionalInt.of(Math.clamp(limit, 0, Integer.MAX_VALUE)))
        .orElse(OptionalInt.empty());
  }

  /** Forgets who has not called for the longest time. */
  private static final class Newest<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    Newest() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > MOST;
    }
  }
}
