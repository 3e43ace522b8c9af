package dev.skep.cli.billing;

import com.google.protobuf.Timestamp;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.VerifyBillingRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks the ledger. */
@Command(name = "verify", description = "Check the ledger; changes nothing (platform admins).")
final class VerifyCommand extends SessionCommand {
  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Only what came since 12h, 7d, …; default: everything, which a large ledger takes long for")
  @Nullable String since;

  VerifyCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var builder = VerifyBillingRequest.newBuilder();
    if (since != null) {
      builder.setSinceTime(
          Timestamp.newBuilder()
              .setSeconds(
                  session.clock().instant().minus(Durations.parse(since)).getEpochSecond()));
    }
    var request = builder.build();
    var found = session.call(() -> session.controlPlane().billing().verifyBilling(request));
    if (found.getFindingsCount() > 0) {
      throw new CliException(
          ExitCode.REFUSED,
          "the ledger is wrong:\n  " + String.join("\n  ", found.getFindingsList()),
          List.of(),
          "somebody changed the database, or this is a bug; compare it with a backup",
          null);
    }
    session.answer(
        found,
        () ->
            "the movements add up (%d, in %d wallets); hours are closed until %s\n"
                .formatted(
                    found.getTransactions(),
                    found.getWallets(),
                    MoneyText.time(found.getClosedUntilTime())));
  }
}
