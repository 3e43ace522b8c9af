package dev.skep.controlplane.invoices;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.function.Function;

/** What people ask of invoices and of the ledger as files; it changes nothing. */
final class InvoicesService {
  private final Database database;

  InvoicesService(Database database) {
    this.database = database;
  }

  List<Invoice> invoices(OrganizationId organization, YearMonth before, int limit) {
    return database.read(handle -> new InvoiceStore(handle, organization).before(before, limit));
  }

  /** An invoice with all its lines. */
  record Whole(Invoice invoice, List<Line> lines) {}

  Whole invoice(OrganizationId organization, String number) {
    return database.inReadTransaction(
        handle -> {
          InvoiceStore store = new InvoiceStore(handle, organization);
          Invoice invoice =
              store
                  .find(number)
                  .orElseThrow(
                      () ->
                          new Refusal(
                              Reason.INVOICE_NOT_FOUND, "there is no invoice '" + number + "'"));
          return new Whole(invoice, store.lines(invoice));
        });
  }

  byte[] usage(OrganizationId organization, Instant start, Instant end, String service) {
    return table(
        organization,
        store -> store.usage(start, end, service, BillingFiles.ROWS + 1),
        "ask for less time or for one service");
  }

  byte[] movements(OrganizationId organization, Instant start, Instant end) {
    return table(
        organization,
        store -> store.movements(start, end, BillingFiles.ROWS + 1),
        "ask for less time");
  }

  private byte[] table(
      OrganizationId organization, Function<ExportStore, ExportStore.Table> work, String advice) {
    ExportStore.Table table =
        database.read(handle -> work.apply(new ExportStore(handle, organization)));
    if (table.rows() > BillingFiles.ROWS) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "start_time",
          "more than " + BillingFiles.ROWS + " rows; " + advice);
    }
    return table.csv();
  }
}
