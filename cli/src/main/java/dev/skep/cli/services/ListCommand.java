package dev.skep.cli.services;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListServicesResponse;
import dev.skep.v1.ServiceState;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists services. */
@Command(name = "ls", aliases = "list", description = "List services.")
final class ListCommand extends SessionCommand {
  @Option(names = "--prefix", paramLabel = "TEXT", description = "Only names that start so.")
  String prefix = "";

  @Option(names = "--state", paramLabel = "STATE", description = "Only in this state: running, …")
  String state = "";

  ListCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var wanted = state();
    var pages =
        session.call(
            () -> Pages.readAll(t -> page(t, wanted), ListServicesResponse::getNextPageToken));
    var all = ListServicesResponse.newBuilder();
    pages.forEach(page -> all.addAllServices(page.getServicesList()));
    session.answerTable(
        all, () -> ServiceText.table(all.getServicesList(), session.clock().instant()));
  }

  private ListServicesResponse page(String token, ServiceState wanted) {
    return session
        .controlPlane()
        .services()
        .listServices(
            ListServicesRequest.newBuilder()
                .setPageSize(Pages.SIZE)
                .setPageToken(token)
                .setNamePrefix(prefix)
                .setState(wanted)
                .build());
  }

  private ServiceState state() {
    if (state.isEmpty()) {
      return ServiceState.SERVICE_STATE_UNSPECIFIED;
    }
    try {
      return ServiceState.valueOf("SERVICE_STATE_" + state.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(
          "'" + state + "' is not a state",
          "states are pending, deploying, running, degraded, stopped, failed, deleting, unknown");
    }
  }
}
