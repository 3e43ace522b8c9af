package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code billing}; without a verb it shows the wallet. */
@Command(name = "billing", description = "The organization's money, and what it is spent on.")
public final class BillingCommand extends SessionCommand {
  public BillingCommand(Session session) {
    super(session);
  }

  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ShowCommand(session))
        .addSubcommand(new HistoryCommand(session))
        .addSubcommand(new UsageCommand(session))
        .addSubcommand(InvoiceCommand.with(session))
        .addSubcommand(new StatementCommand(session))
        .addSubcommand(new EstimateCommand(session))
        .addSubcommand(new TopUpCommand(session))
        .addSubcommand(PaymentsCommand.with(session))
        .addSubcommand(PricesCommand.with(session))
        .addSubcommand(new GrantCommand(session))
        .addSubcommand(new RefundCommand(session))
        .addSubcommand(new SetWalletCommand(session))
        .addSubcommand(new HoursCommand(session))
        .addSubcommand(new VerifyCommand(session));
  }

  @Override
  protected void run() {
    new ShowCommand(session).run();
  }
}
