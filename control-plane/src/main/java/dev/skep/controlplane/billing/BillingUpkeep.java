package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.NotificationWriter;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the leader does about money, in the order in which it follows from each other. */
final class BillingUpkeep {
  private static final Logger log = LoggerFactory.getLogger(BillingUpkeep.class);

  /** Movements that are this old were checked before. */
  private static final Duration CHECKED = Duration.ofDays(2);

  /** What is measured is kept for this long after it is charged. */
  private static final Duration DETAIL = Duration.ofDays(90);

  private static final String WITHOUT_PRICES =
      """
      select distinct w.currency from wallets w
      where not exists (select from price_lists p where p.currency = w.currency and p.valid_from <= now())
        and exists (select from meters m where m.organization_id = w.organization_id and (m.replicas > 0 or m.storage_mib > 0))
      order by w.currency
      """;

  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;
  private final HourClose hours;
  private final Collection collection;
  private final LowBalance lowBalance;
  private final boolean charging;

  BillingUpkeep(
      Database database, LeaderLease lease, Supplier<UUID> ids, BillingFeature.Settings settings) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
    this.charging = settings.charging();
    this.hours = new HourClose(database, lease, charging, HourClose.BATCH);
    this.collection = new Collection(database, lease, ids, settings.terms());
    this.lowBalance = new LowBalance(database, lease, ids);
  }

  /** Does nothing where another control plane leads. */
  void run() {
    if (lease.epoch() == 0) {
      return;
    }
    try {
      Instant now = now();
      boolean closed = hours.closeDue(now) > 0;
      if (charging) {
        collection.run(now);
      }
      if (closed) {
        if (charging) {
          lowBalance.tell();
          warnOfMissingPrices();
        }
        forget(now);
        check(now);
      }
    } catch (LeaderLease.LeadershipLost e) {
      log.info("another control plane leads; billing is its business");
    }
  }

  /** PostgreSQL's, like that of everything that is measured. */
  private Instant now() {
    return database.read(
        handle -> handle.createQuery("select clock_timestamp()").mapTo(Instant.class).one());
  }

  private void warnOfMissingPrices() {
    List<String> currencies =
        database.read(handle -> handle.createQuery(WITHOUT_PRICES).mapTo(String.class).list());
    if (!currencies.isEmpty()) {
      log.warn(
          "wallets in {} are charged nothing: there are no prices; see: skep billing prices create",
          String.join(", ", currencies));
    }
  }

  private void check(Instant now) {
    List<String> findings =
        database.read(handle -> LedgerCheck.findings(handle, now.minus(CHECKED)));
    if (findings.isEmpty()) {
      database.useTransaction(
          handle -> {
            LedgerCheck.keep(handle, now.minus(CHECKED));
            lease.fence(handle);
          });
      return;
    }
    findings.forEach(finding -> log.error("the ledger is wrong: {}", finding));
    String message =
        findings.getFirst()
            + (findings.size() == 1 ? "" : "; " + (findings.size() - 1) + " more")
            + ". See: skep billing verify";
    database.useTransaction(
        handle -> {
          lease.fence(handle);
          NotificationWriter.append(
              handle,
              ids.get(),
              Notification.ofPlatform(
                  Notification.Severity.CRITICAL, "billing_broken", "ledger", message));
        });
  }

  /** Only what is closed and cannot be asked for any more. */
  private void forget(Instant now) {
    Timestamp before = Timestamp.from(now.minus(DETAIL));
    database.useTransaction(
        handle -> {
          lease.fence(handle);
          handle.execute("delete from usage_intervals where ended_at < ?", before);
          handle.execute("delete from usage_counters where hour < ?", before);
          handle.execute(
              "delete from meters m where replicas = 0 and storage_mib = 0 and since < ?"
                  + " and not exists (select 1 from container_services s where s.id = m.service_id)"
                  + " and not exists (select 1 from volumes v where v.billed_service_id = m.service_id)",
              before);
        });
  }
}
