package dev.skep.controlplane.templates;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.secrets.NewSecrets;
import dev.skep.controlplane.services.NewServicePlans;
import dev.skep.controlplane.services.NewServices;
import io.grpc.BindableService;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the templates API, and what ships with it. */
public final class TemplatesFeature {
  private final Database database;
  private final Supplier<UUID> ids;
  private final TemplateDeployments deployments;
  private final TemplatePlans plans;

  public TemplatesFeature(
      Database database,
      Supplier<UUID> ids,
      NewServices services,
      NewServicePlans plans,
      NewSecrets secrets) {
    this.database = database;
    this.ids = ids;
    this.deployments = new TemplateDeployments(database, services, secrets);
    this.plans = new TemplatePlans(database, deployments, plans);
  }

  public List<BindableService> apis() {
    return List.of(new TemplatesApi(new TemplatesService(database, ids), deployments, plans));
  }

  /** Brings the templates that ship with Skep up to date; at each start. */
  public void writeBuiltIn() {
    database.useTransaction(
        handle -> TemplateStore.ofPlatform(handle).writeBuiltIn(BuiltInTemplates.all(), ids));
  }
}
