package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.state.Revisions;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Gives every organization one network per cluster with a subnet of its own. Running out is said
 * when a service is created, not by a task that never starts.
 */
final class NetworkAllocator {
  /** 254 addresses: one per replica of the organization, and one per node for its gateway. */
  private static final int PREFIX_LENGTH = 24;

  private static final String FREE =
      """
      select set_masklen((:pool::cidr + (n << (32 - :length))::bigint)::inet, :length)::cidr::text as subnet
      from generate_series(0, (1 << (:length - masklen(:pool::cidr))) - 1) as n
      where not exists (select 1 from networks where cluster_id = :cluster
                        and subnet = set_masklen((:pool::cidr + (n << (32 - :length))::bigint)::inet, :length)::cidr)
      order by n limit 1
      """;

  private final String pool;
  private final Supplier<UUID> ids;

  /** {@code pool}: CIDR that all subnets are taken from. */
  NetworkAllocator(String pool, Supplier<UUID> ids) {
    this.pool = pool;
    this.ids = ids;
  }

  /** How many networks a pool has room for. */
  static int size(String pool) {
    return 1 << (PREFIX_LENGTH - Integer.parseInt(pool.substring(pool.indexOf('/') + 1)));
  }

  void ensure(Handle handle, OrganizationId organization, ClusterId cluster) {
    Optional<Boolean> removing =
        handle
            .createQuery(
                "select removing from networks where cluster_id = :cluster and organization_id = :organization for share")
            .bind("cluster", cluster.value())
            .bind("organization", organization.value())
            .mapTo(Boolean.class)
            .findOne();
    if (removing.isEmpty()) {
      allocate(handle, organization, cluster);
    } else if (removing.get()) {
      keep(handle, organization, cluster);
    }
  }

  /** The last service went a moment ago and a new one comes: the network stays or is made again. */
  private void keep(Handle handle, OrganizationId organization, ClusterId cluster) {
    int kept =
        handle
            .createUpdate(
                """
                update networks set removing = false, generation = generation + 1, observed_state = 'PENDING', revision = :revision
                where cluster_id = :cluster and organization_id = :organization
                """)
            .bind("revision", Revisions.next(handle, cluster))
            .bind("cluster", cluster.value())
            .bind("organization", organization.value())
            .execute();
    if (kept == 0) {
      allocate(handle, organization, cluster);
    }
  }

  private void allocate(Handle handle, OrganizationId organization, ClusterId cluster) {
    // Holds the cluster: two organizations never look for a free subnet at the same time.
    long revision = Revisions.next(handle, cluster);
    String subnet =
        handle
            .createQuery(FREE)
            .bind("pool", pool)
            .bind("length", PREFIX_LENGTH)
            .bind("cluster", cluster.value())
            .mapTo(String.class)
            .findOne()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.NETWORKS_EXHAUSTED,
                        "every subnet of "
                            + pool
                            + " is taken; set SKEP_NETWORK_POOL to a larger range"));
    handle
        .createUpdate(
            """
            insert into networks (id, organization_id, cluster_id, subnet, revision)
            values (:id, :organization, :cluster, :subnet::cidr, :revision)
            on conflict (cluster_id, organization_id) do nothing
            """)
        .bind("id", ids.get())
        .bind("organization", organization.value())
        .bind("cluster", cluster.value())
        .bind("subnet", subnet)
        .bind("revision", revision)
        .execute();
  }
}
