package dev.skep.controlplane.invoices;

import com.google.protobuf.ByteString;
import dev.skep.v1.BillingFile;
import dev.skep.v1.InvoiceFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Invoices and tables as files. */
final class BillingFiles {
  /** Lines that a page has. */
  static final int PAGE_LINES = 1_000;

  /** Rows that a table has. */
  static final int ROWS = 20_000;

  private BillingFiles() {}

  static BillingFile of(Invoice invoice, List<Line> lines, InvoiceFormat format) {
    String name = "invoice-" + invoice.number();
    return switch (format) {
      case INVOICE_FORMAT_HTML ->
          file(
              name + ".html",
              "text/html; charset=utf-8",
              html(invoice, lines).getBytes(StandardCharsets.UTF_8));
      case INVOICE_FORMAT_CSV -> csv(name, csv(invoice, lines));
      case INVOICE_FORMAT_PDF, INVOICE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
          file(name + ".pdf", "application/pdf", InvoicePdf.of(html(invoice, lines)));
    };
  }

  private static String html(Invoice invoice, List<Line> lines) {
    return InvoicePage.html(invoice, invoice.shown(lines, PAGE_LINES));
  }

  private static byte[] csv(Invoice invoice, List<Line> lines) {
    Csv csv =
        new Csv(
            "invoice",
            "service_id",
            "service",
            "what",
            "quantity",
            "unit",
            "amount",
            "exact_amount",
            "currency",
            "transaction",
            "description");
    for (Line line : invoice.shown(lines, ROWS)) {
      csv.own(invoice.number()).own(line.service() == null ? "" : line.service());
      csv.text(line.serviceName()).own(line.kind().word).own(line.quantityText());
      csv.own(line.kind().unit).own(Rounding.text(line.rounded()));
      csv.own(Rounding.exact(line.amount())).own(invoice.currency());
      csv.own(line.transaction() == null ? "" : line.transaction()).text(line.description());
      csv.end();
    }
    return csv.bytes();
  }

  static BillingFile csv(String name, byte[] content) {
    return file(name + ".csv", "text/csv; charset=utf-8", content);
  }

  private static BillingFile file(String name, String type, byte[] content) {
    return BillingFile.newBuilder()
        .setFileName(name)
        .setMediaType(type)
        .setContent(ByteString.copyFrom(content))
        .build();
  }
}
