package dev.skep.controlplane.access;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.ledger.Wallet;
import dev.skep.controlplane.ledger.Wallets;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.tenancy.AccountNames;
import dev.skep.controlplane.tenancy.Organizations;
import dev.skep.v1.Permission;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Organizations as their members see them. */
final class OrganizationStore {
  private static final String VISIBLE =
      """
      select o.*, (select count(*) from memberships m where m.organization_id = o.id) as members,
             (select count(*) from container_services s where s.organization_id = o.id) as services
      from organizations o
      where (:platform or exists (select 1 from memberships m
                                  where m.organization_id = o.id and m.user_id = :user))
      """;

  /** What has to be gone first, and how to say so. */
  private static final List<Leftover> LEFTOVERS =
      List.of(
          new Leftover(
              "container_services",
              "still has %d services; delete them and wait until they are gone"),
          new Leftover("volumes", "still has %d volumes with data; delete them first"),
          new Leftover("container_secrets", "still has %d secrets; delete them first"),
          new Leftover(
              "networks",
              "still has %d networks, which workers are removing; try again in a moment"));

  private record Leftover(String table, String words) {}

  private final Database database;
  private final Supplier<UUID> ids;

  OrganizationStore(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
  }

  /** An organization with its sizes. */
  record OrganizationRecord(
      OrganizationId id, String name, Instant createdAt, int members, int services) {
    static OrganizationRecord of(ResultSet row) throws SQLException {
      return new OrganizationRecord(
          new OrganizationId(row.getObject("id", UUID.class)),
          row.getString("name"),
          row.getTimestamp("created_at").toInstant(),
          row.getInt("members"),
          row.getInt("services"));
    }
  }

  /** {@code admin}: id or name; empty for the caller. */
  OrganizationRecord create(Caller caller, String name, String admin) {
    return AccountNames.unique(
        name,
        () ->
            database.inTransaction(
                handle -> {
                  UserId first =
                      admin.isEmpty() ? caller.user() : UserStore.person(handle, admin, "admin");
                  OrganizationId id = new OrganizationId(ids.get());
                  Organizations.insert(handle, id, AccountNames.checked(name));
                  Organizations.join(handle, id, first, Role.ROLE_ADMIN);
                  return find(handle, caller, name);
                }));
  }

  List<OrganizationRecord> list(Caller caller, String after, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(VISIBLE + " and o.name > :after order by o.name limit :limit")
                .bind("platform", seesAll(caller))
                .bind("user", caller.user().value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> OrganizationRecord.of(row))
                .list());
  }

  OrganizationRecord get(Caller caller, String idOrName) {
    return database.read(handle -> find(handle, caller, idOrName));
  }

  /** The organization of the call itself stays: its token would end with it. */
  void delete(Caller caller, String idOrName) {
    database.useTransaction(
        handle -> {
          OrganizationRecord found = find(handle, caller, idOrName);
          AuditTrail.before(OrganizationsApi.proto(found));
          if (found.id().equals(caller.organization())) {
            throw inUse(found, "is the one that this call is made in; make it in another one");
          }
          handle
              .createQuery("select 1 from organizations where id = :id for update")
              .bind("id", found.id().value())
              .mapTo(Integer.class)
              .findOne();
          requireEmpty(handle, found);
          handle.execute("delete from memberships where organization_id = ?", found.id().value());
          handle.execute("delete from users where home_organization_id = ?", found.id().value());
          handle.execute("delete from organizations where id = ?", found.id().value());
        });
  }

  private static void requireEmpty(Handle handle, OrganizationRecord organization) {
    for (Leftover leftover : LEFTOVERS) {
      int count =
          handle
              .createQuery(
                  "select count(*) from " + leftover.table + " where organization_id = :id")
              .bind("id", organization.id().value())
              .mapTo(Integer.class)
              .one();
      if (count > 0) {
        throw inUse(organization, leftover.words.formatted(count));
      }
    }
    requireNothingPaidIsLeft(handle, organization);
  }

  /** Credit that was given away may go; the last hours are charged to the wallet, which stays. */
  private static void requireNothingPaidIsLeft(Handle handle, OrganizationRecord organization) {
    Wallet wallet = Wallets.lock(handle, organization.id());
    if (wallet.balance() > 0 && Wallets.everPaid(handle, organization.id())) {
      throw inUse(
          organization,
          "has " + wallet.money(wallet.balance()) + " in its wallet; pay it back first");
    }
  }

  private static Refusal inUse(OrganizationRecord organization, String why) {
    return new Refusal(
        Reason.ORGANIZATION_IN_USE, "organization \"" + organization.name() + "\" " + why);
  }

  private static OrganizationRecord find(Handle handle, Caller caller, String idOrName) {
    return handle
        .createQuery(VISIBLE + " and (o.id::text = :key or o.name = :key)")
        .bind("platform", seesAll(caller))
        .bind("user", caller.user().value())
        .bind("key", idOrName)
        .map((row, c) -> OrganizationRecord.of(row))
        .findFirst()
        .orElseThrow(() -> Organizations.notFound(idOrName));
  }

  private static boolean seesAll(Caller caller) {
    return caller.may(Permission.PERMISSION_PLATFORM_READ);
  }
}
