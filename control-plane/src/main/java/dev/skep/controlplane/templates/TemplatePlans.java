package dev.skep.controlplane.templates;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.secrets.NewSecrets;
import dev.skep.controlplane.services.NewServicePlans;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.PlanTemplateResponse;
import dev.skep.v1.PlannedService;
import dev.skep.v1.SecretUse;
import dev.skep.v1.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What deploying templates would do; checks what deploying checks and writes nothing. */
final class TemplatePlans {
  private final Database database;
  private final TemplateDeployments deployments;
  private final NewServicePlans plans;

  TemplatePlans(Database database, TemplateDeployments deployments, NewServicePlans plans) {
    this.database = database;
    this.deployments = deployments;
    this.plans = plans;
  }

  PlanTemplateResponse plan(
      OrganizationId organization, TemplateRecord template, PlanTemplateRequest request) {
    Rendering rendering =
        deployments.render(
            template.spec(), request.getName(), request.getVariablesMap(), new ArrayList<>());
    Set<String> secrets = rendering.secrets().keySet();
    checkFree(organization, secrets);
    PlanTemplateResponse.Builder plan = PlanTemplateResponse.newBuilder().addAllSecrets(secrets);
    rendering
        .services()
        .forEach(
            (name, spec) -> {
              PlannedService planned =
                  TemplateDeployments.inside(
                      plan.getServicesCount(),
                      () -> plans.plan(organization, name, without(spec, secrets)));
              plan.addServices(planned.toBuilder().setSpec(spec));
              plan.addAllWarnings(NewServicePlans.warnings(name, spec));
            });
    plans.checkAdmission(
        organization, rendering.services().values(), Amounts.of(Resource.SECRETS, secrets.size()));
    return plan.build();
  }

  private void checkFree(OrganizationId organization, Set<String> secrets) {
    database.inReadTransaction(
        handle -> {
          secrets.forEach(name -> NewSecrets.checkFree(handle, organization, name));
          return true;
        });
  }

  /** Those that would be made are not there yet. */
  private static ServiceSpec without(ServiceSpec spec, Set<String> secrets) {
    List<SecretUse> there =
        spec.getSecretsList().stream().filter(use -> !secrets.contains(use.getSecret())).toList();
    return spec.toBuilder().clearSecrets().addAllSecrets(there).build();
  }
}
