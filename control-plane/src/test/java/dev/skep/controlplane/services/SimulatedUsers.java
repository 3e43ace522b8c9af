package dev.skep.controlplane.services;

import com.google.protobuf.FieldMask;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.UpdateServiceRequest;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What users do with services, below the API. Images are named by digest, so no registry is asked.
 */
public final class SimulatedUsers {
  private final ServicesService services;
  private final OrganizationId organization;

  /** Asks registries; one for all, because it has threads. */
  public static final class Registries {
    private final ImageResolver resolver = new ImageResolver(Set.of());
  }

  public SimulatedUsers(
      Database database, Supplier<UUID> ids, OrganizationId organization, Registries registries) {
    this.services =
        new ServicesService(
            database,
            ids,
            registries.resolver,
            new NetworkAllocator("10.100.0.0/14", ids),
            new Funds(false));
    this.organization = organization;
  }

  /** Returns the service's id. */
  public UUID create(String name, ServiceSpec spec) {
    var request = CreateServiceRequest.newBuilder().setName(name).setSpec(spec).build();
    return services.create(organization, request).id().value();
  }

  public void update(String name, String field, ServiceSpec spec) {
    var request =
        UpdateServiceRequest.newBuilder()
            .setService(name)
            .setSpec(spec)
            .setUpdateMask(FieldMask.newBuilder().addPaths(field))
            .build();
    services.update(organization, SpecUpdate.of(request));
  }

  public void scale(String name, int replicas) {
    services.scale(organization, name, replicas);
  }

  public void rollBack(String name) {
    services.rollBack(organization, name, 0);
  }

  public void restart(String name) {
    services.restart(organization, name);
  }

  public void stop(String name) {
    services.stop(organization, name);
  }

  public void start(String name) {
    services.start(organization, name);
  }

  public void cancel(String name) {
    services.cancel(organization, name, "current");
  }

  public void delete(String name) {
    services.delete(organization, name);
  }
}
