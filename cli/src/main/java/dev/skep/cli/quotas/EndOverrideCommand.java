package dev.skep.cli.quotas;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.EndQuotaOverridesRequest;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Ends overrides before their time. */
@Command(
    name = "end-override",
    description = "End limits that were set for some time; those before hold again.")
final class EndOverrideCommand extends SessionCommand {
  @Parameters(
      paramLabel = "RESOURCE",
      arity = "0..*",
      description = "services, replicas, cpu, memory … (all).")
  List<String> resources = List.of();

  EndOverrideCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        EndQuotaOverridesRequest.newBuilder()
            .addAllResources(resources.stream().map(QuotaText::resource).toList())
            .build();
    var response = session.call(() -> session.controlPlane().quotas().endQuotaOverrides(request));
    session.answerTable(response, () -> QuotaText.table(response.getQuotasList()));
  }
}
