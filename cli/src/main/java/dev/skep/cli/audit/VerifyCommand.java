package dev.skep.cli.audit;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.VerifyAuditRequest;
import java.util.List;
import picocli.CommandLine.Command;

/** Computes every hash again. */
@Command(
    name = "verify",
    description = "Check that no entry of any organization was changed or cut out.")
final class VerifyCommand extends SessionCommand {
  VerifyCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = VerifyAuditRequest.getDefaultInstance();
    var found = session.call(() -> session.controlPlane().audit().verifyAudit(request));
    if (found.getFirstBadSequence() != 0) {
      throw new CliException(
          ExitCode.REFUSED,
          "entry " + found.getFirstBadSequence() + " of the audit trail: " + found.getProblem(),
          List.of(),
          "somebody changed the database; compare it with a backup",
          null);
    }
    session.answer(
        found,
        () ->
            "%d entries are as they were written; the last hash is %s\n"
                .formatted(found.getEntries(), found.getHead()));
  }
}
