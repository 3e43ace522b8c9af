package dev.skep.cli.workers;

import dev.skep.cli.format.ForecastText;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ForecastWorkerLossRequest;
import dev.skep.v1.ForecastWorkerLossResponse;
import dev.skep.v1.ServiceForecast;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what the loss of a worker would mean. */
@Command(
    name = "what-if",
    description = "Say what would move, what would stay down and why; writes nothing.")
final class WhatIfCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  @Option(names = "--lost", description = "If the worker were lost now.")
  boolean lost;

  WhatIfCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (!lost) {
      throw CliException.usage("what if what?", "add --lost");
    }
    var request = ForecastWorkerLossRequest.newBuilder().setWorker(worker).build();
    var response = session.call(() -> session.controlPlane().workers().forecastWorkerLoss(request));
    session.answer(response, () -> text(response));
  }

  private String text(ForecastWorkerLossResponse response) {
    if (response.getServicesCount() == 0) {
      return "If " + worker + " were lost now, no service would notice: it holds no replicas.\n";
    }
    var text = new StringBuilder("If " + worker + " were lost now, ");
    text.append(ForecastText.replicas(response.getReplicasMoved())).append(" would move and ");
    text.append(ForecastText.replicas(response.getReplicasDown())).append(" would stay down.\n");
    if (response.getBrake()) {
      text.append("Nothing would move: most of the cluster could not be seen.\n");
    }
    response.getServicesList().forEach(service -> text.append(waiting(service)));
    return text.append('\n').append(table(response).render(session.width())).toString();
  }

  private static String waiting(ServiceForecast service) {
    var missing = ForecastText.missing(service);
    return missing.isEmpty() ? "" : service.getServiceName() + ": " + missing;
  }

  private static Table table(ForecastWorkerLossResponse response) {
    var table = Table.of("SERVICE~", "WORKER~", "NOW", "THEN", "WHY~");
    for (var service : response.getServicesList()) {
      for (var placement : service.getPlacementsList()) {
        if (placement.getReplicasBefore() != placement.getReplicasAfter()) {
          table.row(
              service.getServiceName(),
              placement.getWorkerName(),
              Integer.toString(placement.getReplicasBefore()),
              Integer.toString(placement.getReplicasAfter()),
              ForecastText.why(placement));
        }
      }
    }
    return table;
  }
}
