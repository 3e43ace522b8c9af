package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Invoices; without a verb it lists them. */
@Command(name = "invoice", description = "Invoices: a month of the wallet's time zone each.")
final class InvoiceCommand extends SessionCommand {
  InvoiceCommand(Session session) {
    super(session);
  }

  static CommandLine with(Session session) {
    return new CommandLine(new InvoiceCommand(session))
        .addSubcommand(new ListInvoicesCommand(session))
        .addSubcommand(new ShowInvoiceCommand(session))
        .addSubcommand(new GetInvoiceCommand(session));
  }

  @Override
  protected void run() {
    new ListInvoicesCommand(session).run();
  }
}
