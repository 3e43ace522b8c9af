package dev.skep.cli.billing;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListPaymentsRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Payments; without a verb it lists them. */
@Command(name = "payments", description = "List payments, newest first, or record and refund them.")
final class PaymentsCommand extends SessionCommand {
  private static final int MOST = 200;

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many, up to 200 (50).")
  int count = 50;

  PaymentsCommand(Session session) {
    super(session);
  }

  static CommandLine with(Session session) {
    return new CommandLine(new PaymentsCommand(session))
        .addSubcommand(new ShowPaymentCommand(session))
        .addSubcommand(new RecordPaymentCommand(session))
        .addSubcommand(new RefundPaymentCommand(session));
  }

  @Override
  protected void run() {
    if (count < 1 || count > MOST) {
      throw CliException.usage("-n " + count + " is out of range", "use 1 to " + MOST);
    }
    var request = ListPaymentsRequest.newBuilder().setPageSize(count).build();
    var response = session.call(() -> session.controlPlane().payments().listPayments(request));
    session.answerTable(response, () -> PaymentText.table(response.getPaymentsList()));
  }
}
