package dev.skep.controlplane.invoices;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An invoice as a page: well-formed XHTML that loads nothing and runs nothing. */
final class InvoicePage {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH);

  private static final String STYLE =
      """
      @page { size: A4; margin: 20mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
      body { font-family: "Liberation Sans", Arial, sans-serif; font-size: 10pt; color: #222; max-width: 180mm; margin: 0 auto; }
      h1 { font-size: 18pt; font-weight: normal; margin: 8mm 0 4mm; }
      .lines { white-space: pre-line; }
      table { width: 100%; border-collapse: collapse; -fs-table-paginate: paginate; }
      table.facts { width: auto; margin-bottom: 8mm; }
      table.facts td { padding: 0.5mm 6mm 0.5mm 0; }
      table.amounts th { text-align: left; font-weight: normal; color: #666; border-bottom: 0.3mm solid #888; padding: 1.5mm 2mm; }
      table.amounts td { border-bottom: 0.1mm solid #ccc; padding: 1.5mm 2mm; }
      table.amounts tr { page-break-inside: avoid; }
      table.amounts .number { text-align: right; white-space: nowrap; }
      table.amounts .total td { border-bottom: none; border-top: 0.3mm solid #888; font-size: 12pt; }
      """;

  private InvoicePage() {}

  static String html(Invoice invoice, List<Line> lines) {
    String title = invoice.title() + " " + escape(invoice.number());
    return """
        <!DOCTYPE html>
        <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        <title>%1$s</title>
        <style>
        %2$s</style>
        </head>
        <body>
        <div class="lines">%3$s</div>
        <h1>%1$s</h1>
        %4$s%5$s</body>
        </html>
        """
        .formatted(title, STYLE, escape(invoice.seller()), facts(invoice), amounts(invoice, lines));
  }

  private static String facts(Invoice invoice) {
    return """
        <table class="facts">
        <tr><td>For</td><td>%s</td></tr>
        <tr><td>Date</td><td>%s</td></tr>
        <tr><td>Period</td><td>%s to %s (%s)</td></tr>
        </table>
        """
        .formatted(
            escape(invoice.organizationName()),
            LocalDate.ofInstant(invoice.createdAt(), invoice.zone()).format(DAY),
            invoice.month().atDay(1).format(DAY),
            invoice.month().atEndOfMonth().format(DAY),
            escape(invoice.zone().getId()));
  }

  private static String amounts(Invoice invoice, List<Line> lines) {
    return """
        <table class="amounts">
        <thead><tr><th>Service</th><th>What</th><th class="number">Quantity</th><th class="number">%1$s</th></tr></thead>
        <tbody>
        %2$s<tr class="total"><td>Total</td><td></td><td></td><td class="number">%3$s %1$s</td></tr>
        </tbody>
        </table>
        """
        .formatted(
            escape(invoice.currency()),
            lines.stream().map(InvoicePage::row).collect(Collectors.joining()),
            Rounding.text(invoice.total()));
  }

  private static String row(Line line) {
    return """
    <tr><td>%s</td><td>%s</td><td class="number">%s %s</td><td class="number">%s</td></tr>
    """
        .formatted(
            escape(line.serviceName()),
            escape(what(line)),
            line.quantityText(),
            line.kind().unit,
            Rounding.text(line.rounded()));
  }

  private static String what(Line line) {
    return switch (line.kind()) {
      case REFUND ->
          line.description().isBlank() ? "refund" : "refund: " + line.description().strip();
      case OTHER -> line.quantity() + " further lines, which the CSV file has";
      case ROUNDING, REPLICAS, CPU, MEMORY, STORAGE, EGRESS, BUILD -> line.kind().word;
    };
  }

  /** Nothing of it is markup, and nothing is left that XML cannot say. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(safe, c));
    return safe.toString();
  }

  private static void append(StringBuilder safe, int c) {
    switch (c) {
      case '&' -> safe.append("&amp;");
      case '<' -> safe.append("&lt;");
      case '>' -> safe.append("&gt;");
      case '"' -> safe.append("&quot;");
      case '\'' -> safe.append("&#39;");
      default -> {
        boolean control = c < 0x20 && c != '\n' && c != '\t';
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        safe.appendCodePoint(control || surrogate || c == 0xFFFE || c == 0xFFFF ? 0xFFFD : c);
      }
    }
  }
}
