package dev.skep.controlplane.dispatch;

import java.sql.ResultSet;
import java.sql.SQLException;

/** A node of a Swarm as its owner told of it, and what it shall be. */
record NodeRow(String id, boolean manager, String address, Fate fate) {
  /**
   * A node without a worker is gone once it is down: its worker was removed, or its engine is
   * another node now. Until then it is at least no manager; a new node never is one.
   */
  static final String OF_WORKER =
      """
      select n.id, coalesce((n.node ->> 'manager')::boolean, false) as manager,
             coalesce(n.node ->> 'address', '') as address,
             case when w.id is null and n.node ->> 'state' = 'down' then 'GONE' when w.manager_wanted then 'MANAGER' else 'WORKER' end as fate
      from container_workers reader
      join clusters c on c.id = reader.cluster_id
      cross join lateral jsonb_each(c.swarm_nodes) as n (id, node)
      left join container_workers w on w.cluster_id = c.id and w.swarm_node_id = n.id
      where reader.id = :worker and (w.id is not null or n.node ->> 'state' = 'down' or (n.node ->> 'manager')::boolean)
      order by n.id
      """;

  /** What shall become of it. */
  enum Fate {
    MANAGER,
    WORKER,
    GONE
  }

  static NodeRow of(ResultSet row) throws SQLException {
    return new NodeRow(
        row.getString("id"),
        row.getBoolean("manager"),
        row.getString("address"),
        Fate.valueOf(row.getString("fate")));
  }
}
