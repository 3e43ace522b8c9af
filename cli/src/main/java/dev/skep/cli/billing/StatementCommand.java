package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DownloadStatementRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes movements of money away as a file. */
@Command(name = "statement", description = "Write movements of money to a CSV file.")
final class StatementCommand extends SessionCommand {
  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "31d",
      description = "From then on: 7d, or 2031-01-31T12:00:00Z (31d).")
  String since = "31d";

  @Option(names = "--until", paramLabel = "TIME", description = "Until then.")
  @Nullable String until;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Where; unset means statement-FROM-TO.csv here.")
  @Nullable Path file;

  StatementCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws IOException {
    var request = DownloadStatementRequest.newBuilder().setStartTime(Times.of(session, since));
    if (until != null) {
      request.setEndTime(Times.of(session, until));
    }
    var response =
        session.call(() -> session.controlPlane().invoices().downloadStatement(request.build()));
    Written.to(session, file, response.getFile());
  }
}
