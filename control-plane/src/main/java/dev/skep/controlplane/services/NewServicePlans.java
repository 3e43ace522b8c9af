package dev.skep.controlplane.services;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.forecast.ForecastProtos;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.ServiceTakes;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.PlannedService;
import dev.skep.v1.ServiceSpec;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** What would become of services that somebody wants to make; writes nothing. */
public final class NewServicePlans {
  private static final ServiceId NONE = new ServiceId(new UUID(0, 0));

  private final Database database;
  private final ServiceForecasts forecasts;
  private final Funds funds;

  NewServicePlans(Database database, ServiceForecasts forecasts, Funds funds) {
    this.database = database;
    this.funds = funds;
    this.forecasts = forecasts;
  }

  /**
   * Whether the organization may take all of it together, and can pay for it.
   *
   * @throws dev.skep.controlplane.kernel.Refusal QUOTA_EXCEEDED, INSUFFICIENT_FUNDS
   */
  public void checkAdmission(
      OrganizationId organization, Collection<ServiceSpec> specs, Amounts more) {
    database.inReadTransaction(
        handle -> {
          Amounts sum = more;
          for (ServiceSpec spec : specs) {
            Draft draft = Draft.of(spec, SpecFields.check(spec));
            sum = sum.plus(ServiceTakes.planned(handle, NONE, draft.spec(), draft.replicas()));
          }
          Quota.check(handle, organization, sum);
          funds.check(handle, organization, sum);
          return true;
        });
  }

  /** What who makes it should know, in sentences. */
  public static List<String> warnings(String name, ServiceSpec spec) {
    return NewServices.warnings(name, SpecProtos.toDomain(spec));
  }

  /** One service for itself; secrets that are not there yet must not be in its spec. */
  public PlannedService plan(OrganizationId organization, String name, ServiceSpec spec) {
    ServiceForecasts.Plan plan =
        forecasts.plan(
            organization, PlanServiceRequest.newBuilder().setService(name).setSpec(spec).build());
    return PlannedService.newBuilder()
        .setName(name)
        .setImageDigest(plan.digest())
        .setForecast(ForecastProtos.forecast(plan.forecast()).clearServiceId())
        .build();
  }
}
