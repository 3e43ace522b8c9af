package dev.skep.controlplane.quota;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Shortage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * The one door to what an organization takes. It belongs into the transaction that writes what is
 * wanted, at its end: rows of quotas are what the organization's changes wait for each other at.
 */
public final class Quota {
  /** The rows are held in a fixed order, so that two changes never wait for each other. */
  private static final String RESERVE =
      """
      with asked as (select * from unnest(:resources::text[], :amounts::bigint[]) a (resource, amount)),
           held as (select resource from quotas where organization_id = :organization
                    and resource = any(:resources::text[]) order by resource for update)
      update quotas q set used = greatest(0, q.used + a.amount)
      from asked a join held h on h.resource = a.resource
      where q.organization_id = :organization and q.resource = a.resource
        and (a.amount <= 0 or quota_limit(q) is null or q.used + a.amount <= quota_limit(q))
      returning q.resource
      """;

  private static final String SHORT =
      """
      select resource, used, quota_limit(q) as most from quotas q
      where organization_id = :organization and resource = any(:resources::text[]) order by resource
      """;

  private static final String LACKING =
      """
      select q.resource, q.used, quota_limit(q) as most from quotas q
      join unnest(:resources::text[], :amounts::bigint[]) a (resource, amount) on a.resource = q.resource
      where q.organization_id = :organization and a.amount > 0 and q.used + a.amount > quota_limit(q)
      order by q.resource
      """;

  private static final String ADJUST =
      """
      with asked as (select * from unnest(:organizations::uuid[], :resources::text[], :amounts::bigint[])
                     a (organization, resource, amount)),
           held as (select q.organization_id, q.resource from quotas q
                    join asked a on a.organization = q.organization_id and a.resource = q.resource
                    order by q.organization_id, q.resource for update of q)
      update quotas q set used = greatest(0, q.used + a.amount)
      from asked a join held h on h.organization_id = a.organization and h.resource = a.resource
      where q.organization_id = a.organization and q.resource = a.resource
      """;

  private Quota() {}

  /**
   * Takes what is asked, all or nothing; what is negative is given back.
   *
   * @throws dev.skep.controlplane.kernel.Refusal QUOTA_EXCEEDED naming every resource that is short
   */
  public static void reserve(Handle handle, OrganizationId organization, Amounts deltas) {
    if (deltas.isNothing()) {
      return;
    }
    List<Resource> asked = List.copyOf(deltas.map().keySet());
    Set<String> got =
        new HashSet<>(
            handle
                .createQuery(RESERVE)
                .bind("organization", organization.value())
                .bind("resources", names(asked))
                .bind("amounts", amounts(asked, deltas))
                .mapTo(String.class)
                .list());
    List<Resource> missing = asked.stream().filter(r -> !got.contains(r.name())).toList();
    if (!missing.isEmpty()) {
      throw OverQuota.refusal(shortages(handle, organization, missing, deltas));
    }
  }

  /**
   * For somebody who only wants to know: taking finds out by itself.
   *
   * @throws dev.skep.controlplane.kernel.Refusal QUOTA_EXCEEDED naming every resource that is short
   */
  public static void check(Handle handle, OrganizationId organization, Amounts deltas) {
    List<Resource> asked = List.copyOf(deltas.map().keySet());
    List<Shortage> lacking =
        handle
            .createQuery(LACKING)
            .bind("organization", organization.value())
            .bind("resources", names(asked))
            .bind("amounts", amounts(asked, deltas))
            .map(shortage(deltas))
            .list();
    if (!lacking.isEmpty()) {
      throw OverQuota.refusal(lacking);
    }
  }

  /** Follows what the system did by itself, which is not refused. */
  public static void adjust(Handle handle, Map<OrganizationId, Amounts> deltas) {
    List<Object> organizations = new ArrayList<>();
    List<String> resources = new ArrayList<>();
    List<Long> amounts = new ArrayList<>();
    deltas.forEach(
        (organization, delta) ->
            delta
                .map()
                .forEach(
                    (resource, amount) -> {
                      organizations.add(organization.value());
                      resources.add(resource.name());
                      amounts.add(amount);
                    }));
    if (organizations.isEmpty()) {
      return;
    }
    handle
        .createUpdate(ADJUST)
        .bind("organizations", organizations.toArray(java.util.UUID[]::new))
        .bind("resources", resources.toArray(String[]::new))
        .bind("amounts", amounts.toArray(Long[]::new))
        .execute();
  }

  private static List<Shortage> shortages(
      Handle handle, OrganizationId organization, List<Resource> missing, Amounts deltas) {
    List<Shortage> found =
        handle
            .createQuery(SHORT)
            .bind("organization", organization.value())
            .bind("resources", names(missing))
            .map(shortage(deltas))
            .list();
    if (found.size() != missing.size()) {
      throw new IllegalStateException("organization " + organization + " has no rows of quotas");
    }
    return found;
  }

  private static RowMapper<Shortage> shortage(Amounts deltas) {
    return (row, c) -> {
      Resource resource = Resource.valueOf(row.getString("resource"));
      return OverQuota.shortage(
          resource, row.getLong("most"), row.getLong("used"), deltas.of(resource));
    };
  }

  private static Long[] amounts(List<Resource> asked, Amounts deltas) {
    return asked.stream().map(deltas::of).toArray(Long[]::new);
  }

  private static String[] names(List<Resource> resources) {
    return resources.stream().map(Enum::name).toArray(String[]::new);
  }
}
