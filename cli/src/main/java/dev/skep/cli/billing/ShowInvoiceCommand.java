package dev.skep.cli.billing;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetInvoiceRequest;
import dev.skep.v1.GetInvoiceResponse;
import dev.skep.v1.InvoiceLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows an invoice. */
@Command(name = "show", description = "Show an invoice with its lines.")
final class ShowInvoiceCommand extends SessionCommand {
  @Parameters(paramLabel = "NUMBER", description = "From skep billing invoice ls.")
  String number = "";

  ShowInvoiceCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetInvoiceRequest.newBuilder().setNumber(number).build();
    var response = session.call(() -> session.controlPlane().invoices().getInvoice(request));
    session.answer(response, () -> text(response));
  }

  private String text(GetInvoiceResponse response) {
    var invoice = response.getInvoice();
    var table = Table.of("SERVICE", "WHAT~", "USED", "AMOUNT");
    response
        .getLinesList()
        .forEach(
            line ->
                table.row(
                    Humans.orNone(line.getServiceName()),
                    what(line),
                    used(line),
                    MoneyText.exact(line.getRoundedMicros())));
    return "%s of %s (%s) for %s\n\n%s\n%s in all, exactly %s\n"
        .formatted(
            invoice.getNumber(),
            invoice.getMonth(),
            invoice.getTimeZone(),
            invoice.getOrganizationName(),
            table.render(session.width()),
            MoneyText.exact(invoice.getRoundedMicros(), invoice.getCurrency()),
            MoneyText.exact(invoice.getTotalMicros()));
  }

  private static String what(InvoiceLine line) {
    return switch (line.getKind()) {
      case INVOICE_LINE_KIND_USAGE -> Humans.word(line.getResource(), "USAGE_RESOURCE_");
      case INVOICE_LINE_KIND_REFUND -> ("refund " + line.getDescription()).strip();
      case INVOICE_LINE_KIND_OTHER -> line.getQuantity() + " further lines";
      case INVOICE_LINE_KIND_ROUNDING, INVOICE_LINE_KIND_UNSPECIFIED, UNRECOGNIZED ->
          Humans.word(line.getKind(), "INVOICE_LINE_KIND_");
    };
  }

  private static String used(InvoiceLine line) {
    return line.getServiceId().isEmpty()
        ? Humans.orNone("")
        : UsageCommand.quantity(line.getResource(), line.getQuantity());
  }
}
