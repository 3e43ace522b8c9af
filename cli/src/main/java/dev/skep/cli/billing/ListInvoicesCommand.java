package dev.skep.cli.billing;

import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.Invoice;
import dev.skep.v1.ListInvoicesRequest;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists invoices. */
@Command(name = "ls", description = "List invoices, newest first (the last 200).")
final class ListInvoicesCommand extends SessionCommand {
  private static final int MOST = 200;

  ListInvoicesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = ListInvoicesRequest.newBuilder().setPageSize(MOST).build();
    var response = session.call(() -> session.controlPlane().invoices().listInvoices(request));
    session.answerTable(response, () -> table(response.getInvoicesList()));
  }

  private static Table table(List<Invoice> invoices) {
    var table = Table.of("NUMBER", "MONTH", "IN", "TOTAL", "MADE");
    invoices.forEach(
        invoice ->
            table.row(
                invoice.getNumber(),
                invoice.getMonth(),
                invoice.getTimeZone(),
                MoneyText.exact(invoice.getRoundedMicros(), invoice.getCurrency()),
                MoneyText.time(invoice.getCreateTime())));
    return table;
  }
}
