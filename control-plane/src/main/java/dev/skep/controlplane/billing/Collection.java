package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Notification.Severity;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.services.ServiceSuspension;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.NotificationWriter;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when money is used up: grace, stop, deletion, each with its date, and the way back
 * when it is paid. A step is taken in one transaction; where many services have to be stopped, the
 * state changes with the last of them.
 */
final class Collection {
  private static final Logger log = LoggerFactory.getLogger(Collection.class);
  private static final int WALLETS = 100;

  private static final String DUE =
      """
      select organization_id from wallets
      where (state <> 'ACTIVE' or owed > 0)
        and (owed = 0 and state <> 'ACTIVE' or owed > 0 and (state = 'ACTIVE' or state_until <= :now))
      order by organization_id limit :most
      """;

  private static final String READ =
      """
      select organization_name, currency, state, state_until, owed from wallets where organization_id = :id for update
      """;

  private static final String SAVE =
      """
      update wallets set state = :state, state_until = :until, state_since = :now where organization_id = :id
      """;

  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;
  private final Arrears.Terms terms;

  Collection(Database database, LeaderLease lease, Supplier<UUID> ids, Arrears.Terms terms) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
    this.terms = terms;
  }

  private record Owing(OrganizationId organization, String name, String currency, Arrears arrears) {
    Money owed() {
      return new Money(arrears.owed(), currency);
    }
  }

  /** Takes every step that is due. */
  void run(Instant now) {
    for (OrganizationId organization : due(now)) {
      try {
        take(organization, now);
      } catch (LeaderLease.LeadershipLost e) {
        throw e;
      } catch (RuntimeException e) {
        // One that fails must not keep the others from their steps.
        log.error("the next step of organization {} failed; trying again", organization, e);
      }
    }
  }

  private void take(OrganizationId organization, Instant now) {
    while (!database.inTransaction(handle -> step(handle, organization, now))) {
      log.debug("organization {}: more services than fit into a transaction", organization);
    }
  }

  private List<OrganizationId> due(Instant now) {
    return database.read(
        handle ->
            handle
                .createQuery(DUE)
                .bind("now", Timestamp.from(now))
                .bind("most", WALLETS)
                .mapTo(UUID.class)
                .map(OrganizationId::new)
                .list());
  }

  /** True when the step is taken, or none is due any more. */
  private boolean step(Handle handle, OrganizationId organization, Instant now) {
    lease.fence(handle);
    Owing owing = read(handle, organization);
    Arrears next = owing.arrears.next(now, terms);
    if (next.equals(owing.arrears)) {
      return true;
    }
    int touched = act(handle, owing, next);
    if (touched == ServiceSuspension.MOST) {
      return false;
    }
    save(handle, organization, next, now);
    tell(handle, owing, next);
    return true;
  }

  private int act(Handle handle, Owing owing, Arrears next) {
    ServiceSuspension services = new ServiceSuspension(handle, owing.organization, ids);
    return switch (next.state()) {
      case GRACE -> 0;
      case ACTIVE -> services.resume("What was owed is paid: it is started again");
      case STOPPED ->
          services.suspend(
              "It was stopped because the organization owes "
                  + owing.owed()
                  + "; it is started again when that is paid, and deleted after "
                  + next.until());
      case EXPIRED ->
          services.expire(
              "It was deleted because the organization has owed " + owing.owed() + " for too long");
    };
  }

  private void tell(Handle handle, Owing owing, Arrears next) {
    Severity severity =
        switch (next.state()) {
          case ACTIVE -> Severity.INFO;
          case GRACE -> Severity.WARNING;
          case STOPPED, EXPIRED -> Severity.CRITICAL;
        };
    String message = sentence(owing, next);
    log.info("{}", message);
    NotificationWriter.append(
        handle,
        ids.get(),
        new Notification(
            owing.organization,
            severity,
            "wallet_" + next.state().name().toLowerCase(java.util.Locale.ROOT),
            owing.name,
            message));
  }

  private static String sentence(Owing owing, Arrears next) {
    return switch (next.state()) {
      case ACTIVE ->
          "What " + owing.name + " owed is paid; what was stopped for it is started again";
      case GRACE ->
          "The money of "
              + owing.name
              + " is used up and "
              + owing.owed()
              + " is owed. Everything runs on until "
              + next.until()
              + "; then services are stopped. Pay with: skep billing topup";
      case STOPPED ->
          "The services of "
              + owing.name
              + " were stopped because "
              + owing.owed()
              + " is owed. Their data is kept, and they are deleted after "
              + next.until()
              + ". Pay with: skep billing topup";
      case EXPIRED ->
          "The stopped services of "
              + owing.name
              + " were deleted because "
              + owing.owed()
              + " was not paid. Their volumes are kept for as long as those of any deleted service";
    };
  }

  private static Owing read(Handle handle, OrganizationId organization) {
    return handle
        .createQuery(READ)
        .bind("id", organization.value())
        .map(
            (row, c) -> {
              Timestamp until = row.getTimestamp("state_until");
              return new Owing(
                  organization,
                  row.getString("organization_name"),
                  row.getString("currency"),
                  new Arrears(
                      Arrears.State.valueOf(row.getString("state")),
                      until == null ? null : until.toInstant(),
                      row.getLong("owed")));
            })
        .one();
  }

  private static void save(Handle handle, OrganizationId organization, Arrears next, Instant now) {
    Instant until = next.until();
    handle
        .createUpdate(SAVE)
        .bind("id", organization.value())
        .bind("state", next.state().name())
        .bind("until", until == null ? null : Timestamp.from(until))
        .bind("now", Timestamp.from(now))
        .execute();
  }
}
