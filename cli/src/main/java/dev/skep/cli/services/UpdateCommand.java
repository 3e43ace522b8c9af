package dev.skep.cli.services;

import com.google.protobuf.FieldMask;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.UpdateServiceRequest;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Changes what was said and leaves the rest. The spec is read first and its etag sent back, so that
 * a single variable can change without a race with somebody else's change.
 */
@Command(name = "update", description = "Change a service; what you do not name stays.")
final class UpdateCommand extends SessionCommand {
  @Option(names = "--env-rm", paramLabel = "K", description = "Remove a variable.")
  List<String> removedVariables = List.of();

  @Option(names = "--no-health", description = "Remove the health check.")
  boolean withoutHealth;

  @Mixin SpecOptions spec = new SpecOptions();
  @Mixin WaitOptions wait = new WaitOptions();

  UpdateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var current =
        session.call(
            () ->
                session
                    .controlPlane()
                    .services()
                    .getService(GetServiceRequest.newBuilder().setService(spec.service).build()));
    var request = request(current.getService());
    var response = session.call(() -> session.controlPlane().services().updateService(request));
    response.getWarningsList().forEach(warning -> session.progress(Terminal.safe(warning)));
    if (!wait.wanted() || response.getDeploymentId().isEmpty()) {
      session.answer(response, () -> ServiceText.summary(response.getService()));
      return;
    }
    var rollout = new Rollout(session, wait);
    rollout.awaitRunning(response.getService(), response.getDeploymentId());
    session.answer(response, () -> ServiceText.summary(rollout.read(spec.service)));
  }

  private UpdateServiceRequest request(Service current) {
    var builder = current.getSpec().toBuilder();
    var touched = spec.applyTo(builder, session.environment());
    remove(builder, touched);
    if (touched.isEmpty()) {
      throw CliException.usage("nothing to change", "see: skep services update --help");
    }
    return UpdateServiceRequest.newBuilder()
        .setService(spec.service)
        .setSpec(builder)
        .setUpdateMask(FieldMask.newBuilder().addAllPaths(touched))
        .setEtag(current.getEtag())
        .build();
  }

  private void remove(ServiceSpec.Builder builder, Set<String> touched) {
    removedVariables.forEach(builder::removeEnv);
    if (!removedVariables.isEmpty()) {
      touched.add("env");
    }
    if (withoutHealth) {
      builder.clearHealthCheck();
      touched.add("health_check");
    }
  }
}
