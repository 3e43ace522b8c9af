package dev.skep.cli.services;

import dev.skep.cli.format.ForecastText;
import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ExplainServiceRequest;
import dev.skep.v1.ExplainServiceResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says why a service is as it is. */
@Command(
    name = "explain",
    description = "Say where replicas are and go, why others have no place, and what room is left.")
final class ExplainCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  ExplainCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = ExplainServiceRequest.newBuilder().setService(service).build();
    var response = session.call(() -> session.controlPlane().services().explainService(request));
    session.answer(response, () -> text(response));
  }

  private String text(ExplainServiceResponse response) {
    var forecast = response.getForecast();
    var state = Humans.word(response.getState(), "SERVICE_STATE_");
    var text = new StringBuilder(forecast.getServiceName() + " is " + state);
    if (!response.getReason().isEmpty()) {
      text.append(": ").append(Terminal.safe(response.getReason()));
    }
    text.append('\n').append(ForecastText.missing(forecast));
    text.append('\n').append(ForecastText.placements(forecast, session.width()));
    return text.append('\n').append(room(response)).toString();
  }

  private static String room(ExplainServiceResponse response) {
    var room = response.getRoom();
    var text =
        room == 0
            ? "No room for another replica"
            : "Room for " + ForecastText.replicas(room) + " more";
    var limits = ForecastText.rejections(response.getRoomRejectionsList());
    if (limits.isEmpty()) {
      return text + "\n";
    }
    return text + (room == 0 ? ": " : "; then ") + limits + "\n";
  }
}
