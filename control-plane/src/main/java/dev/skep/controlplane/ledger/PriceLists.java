package dev.skep.controlplane.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The rows of price lists. */
public final class PriceLists {
  private static final String AT =
      """
      select * from price_lists where currency = :currency and valid_from <= %s
      order by valid_from desc limit 1
      """;

  private PriceLists() {}

  /** Those that hold at a moment; empty where there are none yet, and nothing costs anything. */
  public static Optional<PriceList> at(Handle handle, String currency, Instant at) {
    return handle
        .createQuery(AT.formatted(":at"))
        .bind("currency", currency)
        .bind("at", Timestamp.from(at))
        .map((row, c) -> of(row))
        .findOne();
  }

  /** Those that hold now. */
  public static Optional<PriceList> now(Handle handle, String currency) {
    return handle
        .createQuery(AT.formatted("now()"))
        .bind("currency", currency)
        .map((row, c) -> of(row))
        .findOne();
  }

  public static PriceList of(ResultSet row) throws SQLException {
    return new PriceList(
        row.getInt("id"),
        row.getString("currency"),
        row.getTimestamp("valid_from").toInstant(),
        row.getInt("minimum_seconds"),
        row.getLong("replica_hour"),
        row.getLong("vcpu_hour"),
        row.getLong("memory_gib_hour"),
        row.getLong("storage_gib_hour"),
        row.getLong("egress_gib"),
        row.getLong("build_minute"));
  }
}
