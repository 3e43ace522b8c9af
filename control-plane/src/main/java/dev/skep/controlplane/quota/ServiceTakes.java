package dev.skep.controlplane.quota;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.VolumeMount;
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

  private static final String DATA =
      """
      select coalesce(sum(size_bytes), 0)::bigint
             + (select count(*) from unnest(:names::text[]) n (name)
                where not exists (select 1 from volumes v
                                  where v.service_id = :service and v.kept_since is null and v.name = n.name))
               * 10737418240
      from volumes where service_id = :service
      """;

  private ServiceTakes() {}

  /** What a service would take, were this its spec; it need not be there yet. */
  public static Amounts planned(Handle handle, ServiceId service, ServiceSpec spec, int replicas) {
    Resources each = spec.resources();
    long data =
        handle
            .createQuery(DATA)
            .bind("service", service.value())
            .bind("names", spec.volumes().stream().map(VolumeMount::name).toArray(String[]::new))
            .mapTo(Long.class)
            .one();
    return new Amounts(
        Map.of(
            Resource.SERVICES,
            1L,
            Resource.REPLICAS,
            (long) replicas,
            Resource.CPU,
            replicas * each.cpuMillis(),
            Resource.MEMORY,
            replicas * each.memoryBytes(),
            Resource.PORTS,
            (long) replicas * spec.hostPorts().size(),
            Resource.STORAGE,
            data));
  }

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
