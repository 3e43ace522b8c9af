package dev.skep.controlplane.access;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Which services grants and tokens are about. */
final class ServiceNames {
  private static final String FIND =
      """
      select id from container_services
      where organization_id = :organization and (id::text = :key or name = :key)
      order by id::text = :key desc limit 1
      """;

  private ServiceNames() {}

  static Optional<ServiceId> find(Handle handle, OrganizationId organization, String idOrName) {
    return handle
        .createQuery(FIND)
        .bind("organization", organization.value())
        .bind("key", idOrName)
        .mapTo(UUID.class)
        .map(ServiceId::new)
        .findOne();
  }

  /**
   * The service of that id or name.
   *
   * @throws Refusal SERVICE_NOT_FOUND also when it belongs to somebody else
   */
  static ServiceId id(Handle handle, OrganizationId organization, String idOrName) {
    return find(handle, organization, idOrName)
        .orElseThrow(
            () ->
                new Refusal(Reason.SERVICE_NOT_FOUND, "there is no service \"" + idOrName + "\""));
  }
}
