package dev.skep.cli.services;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentEventsResponse;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what happened to a service. */
@Command(name = "events", aliases = "event", description = "Show what happened to a service.")
public final class EventsCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(names = "--after", paramLabel = "N", description = "Only events after this number.")
  long after;

  public EventsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var all = ListDeploymentEventsResponse.newBuilder();
    List<DeploymentEvent> page;
    do {
      page = page(all);
      all.addAllEvents(page);
    } while (page.size() == Pages.SIZE);
    session.answer(
        all,
        () -> all.getEventsList().stream().map(EventsCommand::line).collect(Collectors.joining()));
  }

  private List<DeploymentEvent> page(ListDeploymentEventsResponse.Builder soFar) {
    var count = soFar.getEventsCount();
    var request =
        ListDeploymentEventsRequest.newBuilder()
            .setService(service)
            .setAfterSequence(count == 0 ? after : soFar.getEvents(count - 1).getSequence())
            .setPageSize(Pages.SIZE)
            .build();
    return session
        .call(() -> session.controlPlane().deployments().listDeploymentEvents(request))
        .getEventsList();
  }

  private static String line(DeploymentEvent event) {
    return "%4d  %s  %s%n"
        .formatted(
            event.getSequence(),
            Humans.localTime(event.getTime(), ZoneId.systemDefault()),
            Terminal.safe(event.getMessage()));
  }
}
