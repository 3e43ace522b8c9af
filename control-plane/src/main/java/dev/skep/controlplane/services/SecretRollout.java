package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.workload.Wanted;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Gives the services that have a secret a new release, for its new version. */
public final class SecretRollout {
  private static final String USERS =
      """
      select distinct s.id from container_services s
      join container_service_secrets u on u.organization_id = s.organization_id and u.release_id = s.release_id
      where s.organization_id = :organization and u.secret_id = :secret and s.wanted <> 'DELETED'
      order by s.id
      """;

  private final Handle handle;
  private final OrganizationId organization;
  private final Supplier<UUID> ids;

  public SecretRollout(Handle handle, OrganizationId organization, Supplier<UUID> ids) {
    this.handle = handle;
    this.organization = organization;
    this.ids = ids;
  }

  /** How replicas of the new release take the place of the old ones. */
  public enum Order {
    START_FIRST,
    STOP_FIRST
  }

  /** What was started for a service; a stopped one has no deployment. */
  public record Started(ServiceId service, String name, Optional<String> deployment) {}

  /**
   * In the caller's transaction, whose turn it is ({@link SecretTurn#changing}).
   *
   * @param cause goes on "the service was …"
   */
  public List<Started> roll(SecretId secret, Order order, String cause) {
    return handle
        .createQuery(USERS)
        .bind("organization", organization.value())
        .bind("secret", secret.value())
        .mapTo(UUID.class)
        .list()
        .stream()
        .map(id -> roll(id, order, cause))
        .toList();
  }

  private Started roll(UUID id, Order order, String cause) {
    ServiceStore store = new ServiceStore(handle, organization);
    ServiceRecord current = store.lock(id.toString());
    ServiceWriter writer = new ServiceWriter(handle, organization, ids);
    ReleaseId release = writer.again(current);
    if (order == Order.STOP_FIRST) {
      writer.stopFirst(release);
    }
    writer.target(current.id(), release);
    Optional<String> deployment =
        current.wanted() == Wanted.RUNNING
            ? Optional.of(writer.deploy(current.id(), release, cause).toString())
            : Optional.empty();
    writer.announce(current.id());
    return new Started(current.id(), current.name(), deployment);
  }
}
