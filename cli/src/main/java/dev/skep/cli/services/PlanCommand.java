package dev.skep.cli.services;

import com.google.protobuf.FieldMask;
import dev.skep.cli.format.ForecastText;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.PlanServiceResponse;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A dry run of create or update. */
@Command(
    name = "plan",
    description = "Say what create or update with the same options would do; writes nothing.")
final class PlanCommand extends SessionCommand {
  @Mixin SpecOptions spec = new SpecOptions();

  PlanCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = existing().map(this::update).orElseGet(this::create);
    var response = session.call(() -> session.controlPlane().services().planService(request));
    session.answer(response, () -> text(response));
  }

  /** By name only: what is planned under an id exists. */
  private Optional<Service> existing() {
    var request =
        ListServicesRequest.newBuilder().setNamePrefix(spec.service).setPageSize(1).build();
    return session
        .call(() -> session.controlPlane().services().listServices(request))
        .getServicesList()
        .stream()
        .filter(s -> s.getName().equals(spec.service))
        .findFirst();
  }

  private PlanServiceRequest update(Service current) {
    var builder = current.getSpec().toBuilder();
    var touched = spec.applyTo(builder, session.environment());
    if (touched.isEmpty()) {
      throw CliException.usage("nothing to change", "see: skep services plan --help");
    }
    return PlanServiceRequest.newBuilder()
        .setService(spec.service)
        .setSpec(builder)
        .setUpdateMask(FieldMask.newBuilder().addAllPaths(touched))
        .build();
  }

  private PlanServiceRequest create() {
    if (spec.image == null) {
      throw CliException.usage(
          "there is no service \"" + spec.service + "\" yet, and a new one needs an image",
          "add --image registry/name:tag");
    }
    var builder = ServiceSpec.newBuilder();
    spec.applyTo(builder, session.environment());
    return PlanServiceRequest.newBuilder().setService(spec.service).setSpec(builder).build();
  }

  private String text(PlanServiceResponse response) {
    var forecast = response.getForecast();
    return headline(response)
        + ForecastText.missing(forecast)
        + "\n"
        + ForecastText.placements(forecast, session.width())
        + "\nNothing was written.\n";
  }

  private String headline(PlanServiceResponse response) {
    if (response.getCreates()) {
      return "Would create " + spec.service + " from " + response.getImageDigest() + "\n";
    }
    return response.getNewRelease()
        ? "Would give " + spec.service + " a new release from " + response.getImageDigest() + "\n"
        : "Would change " + spec.service + " without a new release\n";
  }
}
