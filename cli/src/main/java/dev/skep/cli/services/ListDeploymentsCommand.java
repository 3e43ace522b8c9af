package dev.skep.cli.services;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.Deployment;
import dev.skep.v1.ListDeploymentsRequest;
import dev.skep.v1.ListDeploymentsResponse;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the newest deployments of a service. */
@Command(name = "ls", aliases = "list", description = "List the newest deployments of a service.")
final class ListDeploymentsCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many: 1 to 200 (20).")
  int limit = 20;

  ListDeploymentsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        ListDeploymentsRequest.newBuilder().setService(service).setPageSize(limit).build();
    var response =
        session.call(() -> session.controlPlane().deployments().listDeployments(request));
    session.answerTable(response, () -> table(response));
  }

  private Table table(ListDeploymentsResponse response) {
    var table = Table.of("RELEASE", "STATE", "CAUSE", "AGE", "TOOK", "IMAGE~", "REASON~");
    response
        .getDeploymentsList()
        .forEach(
            d ->
                table.row(
                    Integer.toString(d.getReleaseNumber()),
                    Humans.word(d.getState(), "DEPLOYMENT_STATE_"),
                    Humans.orNone(d.getCause()),
                    Humans.age(d.getCreateTime(), session.clock().instant()),
                    took(d),
                    d.getImage(),
                    Humans.orNone(d.getReason())));
    return table;
  }

  private String took(Deployment deployment) {
    if (Humans.isUnset(deployment.getEndTime())) {
      return "-";
    }
    return Humans.span(
        Duration.between(
            Instant.ofEpochSecond(deployment.getCreateTime().getSeconds()),
            Instant.ofEpochSecond(deployment.getEndTime().getSeconds())));
  }
}
