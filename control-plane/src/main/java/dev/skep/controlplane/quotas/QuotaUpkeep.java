package dev.skep.controlplane.quotas;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.NotificationWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what is used true, and tells people of what is nearly used up. The leader does it. */
final class QuotaUpkeep {
  private static final Logger log = LoggerFactory.getLogger(QuotaUpkeep.class);

  /**
   * Changes of use are written with what causes them: there is drift only when somebody changed
   * rows by hand or there is a bug.
   */
  private static final String DRIFT =
      """
      select q.organization_id, q.resource, q.used, t.amount
      from quotas q join quota_truth t on t.organization_id = q.organization_id and t.resource = q.resource
      where q.used <> t.amount and q.organization_id = coalesce(cast(:organization as uuid), q.organization_id)
      """;

  private static final String CORRECT =
      "update quotas set used = :amount where organization_id = :organization and resource = :resource";

  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;
  private final InstantSource clock;

  QuotaUpkeep(Database database, LeaderLease lease, Supplier<UUID> ids, InstantSource clock) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
    this.clock = clock;
  }

  private record Drift(OrganizationId organization, Resource resource, long used, long truth) {}

  /** Does nothing where another control plane leads. */
  void run() {
    if (lease.epoch() == 0) {
      return;
    }
    try {
      correct();
      tell();
    } catch (LeaderLease.LeadershipLost e) {
      log.info("another control plane leads; quotas are its business");
    }
  }

  private void correct() {
    database.read(handle -> drifts(handle, null)).stream()
        .map(Drift::organization)
        .distinct()
        .forEach(this::correct);
  }

  /**
   * Whoever takes something holds the rows until the commit, so with all of them held the next
   * statement sees the truth.
   */
  private void correct(OrganizationId organization) {
    database.useTransaction(
        handle -> {
          lease.fence(handle);
          new QuotaStore(handle).lock(organization);
          drifts(handle, organization.value()).forEach(drift -> correct(handle, drift));
        });
  }

  private void correct(Handle handle, Drift drift) {
    handle
        .createUpdate(CORRECT)
        .bind("amount", drift.truth)
        .bind("organization", drift.organization.value())
        .bind("resource", drift.resource.name())
        .execute();
    String message =
        "The quota of "
            + drift.resource.word()
            + " of organization "
            + drift.organization
            + " said "
            + drift.used
            + " used, and it is "
            + drift.truth
            + "; corrected";
    log.warn("{}", message);
    NotificationWriter.append(
        handle,
        ids.get(),
        Notification.ofPlatform(
            Notification.Severity.WARNING, "quota_drift", drift.resource.word(), message));
  }

  private void tell() {
    Instant now = clock.instant();
    database.useTransaction(
        handle -> {
          lease.fence(handle);
          QuotaStore store = new QuotaStore(handle);
          for (QuotaStore.Owned owned : store.lockNotable(now)) {
            QuotaStep step = QuotaStep.of(owned.allowance(), now, QuotaStep.GRACE);
            if (!step.after().equals(owned.allowance())) {
              store.save(owned.organization(), step.after());
            }
            QuotasService.tell(handle, ids, owned.organization(), step);
          }
        });
  }

  /** Of one organization, or of all. */
  private static List<Drift> drifts(Handle handle, @Nullable UUID organization) {
    return handle
        .createQuery(DRIFT)
        .bind("organization", organization)
        .map(
            (row, c) ->
                new Drift(
                    new OrganizationId(row.getObject("organization_id", UUID.class)),
                    Resource.valueOf(row.getString("resource")),
                    row.getLong("used"),
                    row.getLong("amount")))
        .list();
  }
}
