package dev.skep.controlplane.quota;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * What services take, as their rows say in this transaction: asked before and after a change, the
 * difference is what the change takes.
 */
public final class ServiceTakes {
  private static final String SELECT =
      """
      select organization_id, count(*) as services, sum(replicas) as replicas, sum(cpu) as cpu, sum(memory) as memory,
             sum(ports) as ports, %s as storage
      from service_takes where service_id = any(:ids::uuid[]) group by organization_id
      """;
  private static final String ALL = SELECT.formatted("sum(unbound_bytes) + sum(bound_bytes)");

  /** The data of a service that is deleted is kept. */
  private static final String WITHOUT_DATA = SELECT.formatted("sum(unbound_bytes)");

  private ServiceTakes() {}

  public static Amounts of(Handle handle, ServiceId service) {
    return of(handle, List.of(service.value())).values().stream()
        .findFirst()
        .orElse(Amounts.NOTHING);
  }

  /** By organization. */
  public static Map<OrganizationId, Amounts> of(Handle handle, Collection<UUID> services) {
    return read(handle, ALL, services);
  }

  /** What is given back when services are gone. */
  public static Map<OrganizationId, Amounts> withoutData(Handle handle, Collection<UUID> services) {
    return read(handle, WITHOUT_DATA, services);
  }

  private static Map<OrganizationId, Amounts> read(
      Handle handle, String sql, Collection<UUID> services) {
    Map<OrganizationId, Amounts> takes = new HashMap<>();
    if (services.isEmpty()) {
      return takes;
    }
    handle
        .createQuery(sql)
        .bind("ids", services.toArray(UUID[]::new))
        .map((row, c) -> Map.entry(organization(row), amounts(row)))
        .forEach(entry -> takes.put(entry.getKey(), entry.getValue()));
    return takes;
  }

  private static OrganizationId organization(ResultSet row) throws SQLException {
    return new OrganizationId(row.getObject("organization_id", UUID.class));
  }

  private static Amounts amounts(ResultSet row) throws SQLException {
    return new Amounts(
        Map.of(
            Resource.SERVICES,
            row.getLong("services"),
            Resource.REPLICAS,
            row.getLong("replicas"),
            Resource.CPU,
            row.getLong("cpu"),
            Resource.MEMORY,
            row.getLong("memory"),
            Resource.PORTS,
            row.getLong("ports"),
            Resource.STORAGE,
            row.getLong("storage")));
  }
}
