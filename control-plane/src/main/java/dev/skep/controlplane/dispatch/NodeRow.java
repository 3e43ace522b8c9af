package dev.skep.controlplane.dispatch;

import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** A node of a Swarm as its owner told of it, and what it shall be. */
record NodeRow(String id, boolean manager, String address, Fate fate) {
  /**
   * A node without a worker is gone once it is down: its worker was removed, or its engine is
   * another node now. Until then it is at least no manager; a new node never is one.
   */
  private static final String READ =
      """
      select n.id, coalesce((n.node ->> 'manager')::boolean, false) as manager,
             coalesce(n.node ->> 'address', '') as address,
             case when w.id is null and n.node ->> 'state' = 'down' then 'GONE' when w.manager_wanted then 'MANAGER' else 'WORKER' end as fate
      from clusters c
      cross join lateral jsonb_each(c.swarm_nodes) as n (id, node)
      left join container_workers w on w.cluster_id = c.id and w.swarm_node_id = n.id
      where c.id = :cluster and (w.id is not null or n.node ->> 'state' = 'down' or (n.node ->> 'manager')::boolean)
      order by n.id
      """;

  /** What shall become of it. */
  enum Fate {
    MANAGER,
    WORKER,
    GONE
  }

  static List<NodeRow> read(Handle handle, UUID cluster) {
    return handle
        .createQuery(READ)
        .bind("cluster", cluster)
        .map(
            (row, c) ->
                new NodeRow(
                    row.getString("id"),
                    row.getBoolean("manager"),
                    row.getString("address"),
                    Fate.valueOf(row.getString("fate"))))
        .list();
  }
}
