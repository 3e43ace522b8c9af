package dev.skep.controlplane.clusters;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.state.SwarmUpkeep;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Reads clusters. */
final class ClusterQueries {
  private static final String CLUSTERS =
      """
      select c.*, (select count(*) from networks n where n.cluster_id = c.id) as networks from clusters c
      """;
  private static final String MANAGERS =
      """
      select n.id, (n.node ->> 'reachable')::boolean as reachable, (n.node ->> 'leader')::boolean as leader
      from clusters c cross join lateral jsonb_each(c.swarm_nodes) as n (id, node)
      where c.id = :cluster and (n.node ->> 'manager')::boolean
      order by n.id
      """;

  private final Database database;

  ClusterQueries(Database database) {
    this.database = database;
  }

  List<ClusterRecord> list(String after, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(CLUSTERS + " where c.name > :after order by c.name limit :limit")
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> cluster(handle, row))
                .list());
  }

  ClusterRecord get(String idOrName) {
    return database.read(handle -> find(handle, idOrName));
  }

  /** The one of that id or name; of no name the only one. */
  static ClusterRecord find(Handle handle, String idOrName) {
    List<ClusterRecord> found =
        handle
            .createQuery(CLUSTERS + " where :key = '' or c.id::text = :key or c.name = :key")
            .bind("key", idOrName)
            .map((row, c) -> cluster(handle, row))
            .list();
    if (found.size() > 1) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "cluster",
          "there are several; name one of "
              + String.join(", ", found.stream().map(ClusterRecord::name).sorted().toList()));
    }
    if (found.isEmpty()) {
      throw new Refusal(Reason.CLUSTER_NOT_FOUND, "there is no cluster \"" + idOrName + "\"");
    }
    return found.getFirst();
  }

  private static ClusterRecord cluster(Handle handle, ResultSet row) throws SQLException {
    ClusterId id = new ClusterId(Rows.uuid(row, "id"));
    Timestamp since = row.getTimestamp("control_error_since");
    List<SwarmMember> members = SwarmUpkeep.members(handle, id);
    return new ClusterRecord(
        id,
        row.getString("name"),
        row.getString("swarm_id"),
        new ClusterRecord.Owner(worker(row, "manager_worker_id"), row.getLong("owner_epoch")),
        new ClusterRecord.Trouble(
            row.getString("control_error"), since == null ? null : since.toInstant()),
        row.getLong("recovery_generation") > row.getLong("recovered_generation"),
        worker(row, "recovery_worker_id"),
        row.getInt("networks"),
        members,
        managers(handle, id));
  }

  private static List<ClusterRecord.Peer> managers(Handle handle, ClusterId cluster) {
    return handle
        .createQuery(MANAGERS)
        .bind("cluster", cluster.value())
        .map(
            (row, c) ->
                new ClusterRecord.Peer(
                    row.getString("id"), row.getBoolean("reachable"), row.getBoolean("leader")))
        .list();
  }

  private static Optional<WorkerId> worker(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, UUID.class)).map(WorkerId::new);
  }
}
