package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Notification.Severity;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.NotificationWriter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Tells people once when their money lasts for less than 72 hours, and for less than 24. */
final class LowBalance {
  /**
   * A level is left again only well above it, so that a wallet at its edge is not told of twice.
   */
  private static final String CROSS =
      """
      with running as (
        select organization_id, sum(replicas)::bigint as replicas, sum(cpu_millis)::bigint as cpu, sum(memory_mib)::bigint as memory,
               sum(storage_mib)::bigint as storage
        from meters where replicas > 0 or storage_mib > 0 group by organization_id
      ),
      prices as (
        select distinct on (currency) * from price_lists where valid_from <= now() order by currency, valid_from desc
      ),
      burning as (
        select r.organization_id, charge(r.replicas, 1, p.replica_hour) + charge(r.cpu, 1000, p.vcpu_hour)
                                  + charge(r.memory, 1024, p.memory_gib_hour) + charge(r.storage, 1024, p.storage_gib_hour) as hourly
        from running r join wallets w on w.organization_id = r.organization_id join prices p on p.currency = w.currency
      ),
      lasting as (
        select w.organization_id, w.announced_hours, case when b.hourly > 0 then (w.balance - w.floor) / b.hourly end as hours
        from wallets w left join burning b on b.organization_id = w.organization_id
        where b.hourly > 0 or w.announced_hours > 0
      ),
      levels as (
        select organization_id, hours,
               case when hours < 24 then 24
                    when hours < 28 and announced_hours = 24 then 24
                    when hours < 72 then 72
                    when hours < 80 and announced_hours > 0 then 72
                    else 0 end as level, announced_hours
        from lasting
      )
      update wallets w set announced_hours = l.level
      from levels l
      where l.organization_id = w.organization_id and l.level <> l.announced_hours
      returning w.organization_id, w.organization_name, w.currency, w.balance, l.hours, l.level,
                l.level > 0 and (l.announced_hours = 0 or l.level < l.announced_hours) as worse
      """;

  private static final int LAST_LEVEL = 24;

  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;

  LowBalance(Database database, LeaderLease lease, Supplier<UUID> ids) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
  }

  private record Crossing(boolean worse, Notification notification) {}

  void tell() {
    database.useTransaction(
        handle -> {
          lease.fence(handle);
          handle.createQuery(CROSS).map((row, c) -> crossing(row)).stream()
              .filter(Crossing::worse)
              .forEach(crossing -> append(handle, crossing.notification));
        });
  }

  private static Crossing crossing(ResultSet row) throws SQLException {
    String name = row.getString("organization_name");
    String message =
        "The wallet of "
            + name
            + " has "
            + new Money(row.getLong("balance"), row.getString("currency"))
            + ", which lasts for about "
            + row.getLong("hours")
            + " hours of what runs now. Top it up with: skep billing topup";
    return new Crossing(
        row.getBoolean("worse"),
        new Notification(
            new OrganizationId(row.getObject("organization_id", UUID.class)),
            row.getInt("level") == LAST_LEVEL ? Severity.CRITICAL : Severity.WARNING,
            "wallet_low",
            name,
            message));
  }

  private void append(Handle handle, Notification notification) {
    NotificationWriter.append(handle, ids.get(), notification);
  }
}
