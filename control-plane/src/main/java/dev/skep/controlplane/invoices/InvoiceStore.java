package dev.skep.controlplane.invoices;

import dev.skep.controlplane.kernel.OrganizationId;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Reads invoices of one organization. */
final class InvoiceStore {
  private final Handle handle;
  private final OrganizationId organization;

  InvoiceStore(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /** Newest first, of months before one. */
  List<Invoice> before(YearMonth month, int limit) {
    return handle
        .createQuery(
            "select * from invoices where organization_id = :id and month < :month order by month desc limit :limit")
        .bind("id", organization.value())
        .bind("month", Date.valueOf(month.atDay(1)))
        .bind("limit", limit)
        .map((row, c) -> invoice(row))
        .list();
  }

  Optional<Invoice> find(String number) {
    return handle
        .createQuery("select * from invoices where organization_id = :id and number = :number")
        .bind("id", organization.value())
        .bind("number", number)
        .map((row, c) -> invoice(row))
        .findOne();
  }

  /** As they were written: services by name, then what was given back. */
  List<Line> lines(Invoice invoice) {
    return handle
        .createQuery(
            "select * from invoice_lines where organization_id = :id and month = :month order by line")
        .bind("id", organization.value())
        .bind("month", Date.valueOf(invoice.month().atDay(1)))
        .map((row, c) -> line(row))
        .list();
  }

  private static Invoice invoice(ResultSet row) throws SQLException {
    return new Invoice(
        row.getString("number"),
        new Period(
            YearMonth.from(row.getDate("month").toLocalDate()),
            row.getTimestamp("start_time").toInstant(),
            row.getTimestamp("end_time").toInstant()),
        ZoneId.of(row.getString("time_zone")),
        row.getString("organization_name"),
        row.getString("seller"),
        row.getString("currency"),
        row.getLong("total"),
        row.getTimestamp("created_at").toInstant());
  }

  private static Line line(ResultSet row) throws SQLException {
    long amount = row.getLong("amount");
    return new Line(
        Line.Kind.valueOf(row.getString("kind")),
        row.getObject("service_id", UUID.class),
        row.getString("service_name"),
        row.getLong("quantity"),
        amount,
        Rounding.shown(amount),
        row.getObject("transaction_id", Long.class),
        row.getString("description"));
  }
}
