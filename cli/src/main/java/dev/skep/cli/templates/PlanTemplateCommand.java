package dev.skep.cli.templates;

import dev.skep.cli.format.ForecastText;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.PlanTemplateResponse;
import dev.skep.v1.PlannedService;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A dry run of deploy. */
@Command(
    name = "plan",
    description = "Say what deploy with the same options would do; writes nothing.")
final class PlanTemplateCommand extends SessionCommand {
  @Mixin ValueOptions values = new ValueOptions();

  PlanTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        PlanTemplateRequest.newBuilder()
            .setTemplate(values.template)
            .setName(values.name)
            .putAllVariables(values.read(session))
            .build();
    var plan = session.call(() -> session.controlPlane().templates().planTemplate(request));
    plan.getWarningsList().forEach(warning -> session.progress(Terminal.safe(warning)));
    session.answer(plan, () -> text(plan));
  }

  private String text(PlanTemplateResponse plan) {
    return plan.getServicesList().stream().map(this::text).collect(Collectors.joining("\n"))
        + TemplateText.secrets("Would make the secrets", plan.getSecretsList())
        + "\nNothing was written.\n";
  }

  private String text(PlannedService service) {
    var forecast = service.getForecast();
    return "Would create "
        + Terminal.safe(service.getName())
        + " from "
        + Terminal.safe(service.getSpec().getImage())
        + "\n"
        + ForecastText.missing(forecast)
        + ForecastText.placements(forecast, session.width());
  }
}
