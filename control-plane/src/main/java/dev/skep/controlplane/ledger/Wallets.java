package dev.skep.controlplane.ledger;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The rows of wallets. */
public final class Wallets {
  private static final String READ =
      "select organization_id, currency, balance, owed, floor from wallets where organization_id = :id";

  private Wallets() {}

  public static Wallet read(Handle handle, OrganizationId organization) {
    return one(handle, READ, organization);
  }

  /** Nobody else moves its money until the transaction ends. */
  public static Wallet lock(Handle handle, OrganizationId organization) {
    return one(handle, READ + " for update", organization);
  }

  /** Whether money ever came in. */
  public static boolean everPaid(Handle handle, OrganizationId organization) {
    return handle
        .createQuery(
            "select exists (select 1 from payment_transactions"
                + " where organization_id = :id and kind = 'TOP_UP')")
        .bind("id", organization.value())
        .mapTo(Boolean.class)
        .one();
  }

  private static Wallet one(Handle handle, String sql, OrganizationId organization) {
    return handle
        .createQuery(sql)
        .bind("id", organization.value())
        .map((row, c) -> wallet(row))
        .findOne()
        .orElseThrow(
            () ->
                new Refusal(
                    Reason.ORGANIZATION_NOT_FOUND, "no wallet of organization " + organization));
  }

  private static Wallet wallet(ResultSet row) throws SQLException {
    return new Wallet(
        new OrganizationId(row.getObject("organization_id", UUID.class)),
        row.getString("currency"),
        row.getLong("balance"),
        row.getLong("owed"),
        row.getLong("floor"));
  }

  static void save(Handle handle, Wallet wallet) {
    handle
        .createUpdate(
            "update wallets set balance = :balance, owed = :owed where organization_id = :id")
        .bind("id", wallet.organization().value())
        .bind("balance", wallet.balance())
        .bind("owed", wallet.owed())
        .execute();
  }
}
