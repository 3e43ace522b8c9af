package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.ServiceTakes;
import dev.skep.controlplane.state.EventWriter;
import dev.skep.controlplane.workload.Wanted;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Stops an organization's services because its money is used up, and starts those again that were
 * stopped for it. What users stopped themselves stays stopped.
 */
public final class ServiceSuspension {
  /** In one call: a transaction that goes on for long holds up others. */
  public static final int MOST = 100;

  private static final String FIND =
      "select id from container_services where organization_id = :organization and %s order by id limit "
          + MOST;
  private static final String RUNNING = FIND.formatted("wanted = 'RUNNING'");
  private static final String SUSPENDED =
      FIND.formatted("wanted = 'STOPPED' and suspended_at is not null");

  private final Handle handle;
  private final OrganizationId organization;
  private final Supplier<UUID> ids;

  public ServiceSuspension(Handle handle, OrganizationId organization, Supplier<UUID> ids) {
    this.handle = handle;
    this.organization = organization;
    this.ids = ids;
  }

  /** What is written of a service, and told in its history. */
  private interface Edit {
    void apply(ServiceRecord current, ServiceWriter writer);
  }

  /** Returns how many were stopped; {@link #MOST} when there may be more. */
  public int suspend(String why) {
    return each(
        RUNNING,
        Wanted.RUNNING,
        (current, writer) -> {
          writer.update(current.id(), "wanted = 'STOPPED', suspended_at = now()");
          event(current, writer, "service_suspended", why);
        });
  }

  /** Returns how many were started; {@link #MOST} when there may be more. */
  public int resume(String why) {
    return each(
        SUSPENDED,
        Wanted.STOPPED,
        (current, writer) -> {
          writer.update(current.id(), "wanted = 'RUNNING', suspended_at = null");
          writer.deploy(current.id(), writer.withNewestSecrets(current), "started");
          event(current, writer, "service_resumed", why);
        });
  }

  /**
   * Deletes those that are suspended; returns how many. Their volumes are kept as after any
   * deletion.
   */
  public int expire(String why) {
    return each(
        SUSPENDED,
        Wanted.STOPPED,
        (current, writer) -> {
          writer.update(current.id(), "wanted = 'DELETED', suspended_at = null");
          event(current, writer, "service_expired", why);
        });
  }

  private int each(String find, Wanted expected, Edit edit) {
    SecretTurn.releasing(handle, organization);
    List<UUID> found =
        handle
            .createQuery(find)
            .bind("organization", organization.value())
            .mapTo(UUID.class)
            .list();
    ServiceStore store = new ServiceStore(handle, organization);
    ServiceWriter writer = new ServiceWriter(handle, organization, ids);
    Amounts delta = Amounts.NOTHING;
    int changed = 0;
    for (UUID id : found) {
      ServiceRecord current = store.lock(id.toString());
      if (current.wanted() == expected) {
        Amounts before = ServiceTakes.of(handle, current.id());
        edit.apply(current, writer);
        writer.announce(current.id());
        delta = delta.plus(ServiceTakes.of(handle, current.id()).minus(before));
        changed++;
      }
    }
    Quota.adjust(handle, Map.of(organization, delta));
    return changed;
  }

  private static void event(
      ServiceRecord current, ServiceWriter writer, String type, String message) {
    var deployment = current.latest() == null ? null : current.latest().id();
    writer.event(current.id(), new EventWriter.Event(deployment, type, message));
  }
}
