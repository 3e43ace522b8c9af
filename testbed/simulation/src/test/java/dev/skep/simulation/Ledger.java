package dev.skep.simulation;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What stands in the database, for those who judge it. */
record Ledger(
    long revision, Map<UUID, Service> services, List<Placement> placements, List<Worker> workers) {
  /** That it is read from. */
  static final List<String> TABLES =
      List.of(
          "clusters",
          "container_deployments",
          "container_services",
          "container_workers",
          "placements",
          "releases");

  private static final String SERVICES =
      """
      select s.*, (select count(*) from container_deployments d where d.service_id = s.id and d.ended_at is null) as active,
             coalesce((select r.image from releases r where r.id = s.release_id), '') as image
      from container_services s order by s.id
      """;
  private static final String WORKERS =
      """
      select name, swarm_node_id, availability,
             not connected and (swarm_node_state = 'down' or not swarm_reachable) as lost
      from container_workers order by name
      """;

  record Service(
      UUID id,
      String name,
      String wanted,
      int replicas,
      long active,
      String waitingFor,
      UUID release,
      String image) {
    int asked() {
      return wanted.equals("RUNNING") ? replicas : 0;
    }
  }

  record Placement(
      UUID id,
      UUID service,
      UUID release,
      int replicas,
      long generation,
      long observedGeneration,
      boolean removing,
      String state,
      String node) {
    /** Whether its agent has it as it stands here. */
    boolean settled() {
      return observedGeneration == generation && state.equals("APPLIED");
    }
  }

  record Worker(String name, String node, String availability, boolean lost) {}

  static Ledger read(Handle h) {
    long revision =
        h.createQuery("select sum(revision)::bigint from clusters").mapTo(Long.class).one();
    List<Service> services = h.createQuery(SERVICES).map((row, c) -> service(row)).list();
    List<Placement> placements =
        h.createQuery("select * from placements order by id")
            .map((row, c) -> placement(row))
            .list();
    List<Worker> workers =
        h.createQuery(WORKERS)
            .map(
                (row, c) ->
                    new Worker(
                        row.getString("name"),
                        row.getString("swarm_node_id"),
                        row.getString("availability"),
                        row.getBoolean("lost")))
            .list();
    return new Ledger(
        revision,
        services.stream()
            .collect(
                Collectors.toMap(
                    Service::id, Function.identity(), (a, b) -> a, TreeMap<UUID, Service>::new)),
        placements,
        workers);
  }

  private static Service service(ResultSet row) throws SQLException {
    return new Service(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getString("wanted"),
        row.getInt("replicas"),
        row.getLong("active"),
        row.getString("waiting_for"),
        row.getObject("release_id", UUID.class),
        row.getString("image"));
  }

  private static Placement placement(ResultSet row) throws SQLException {
    return new Placement(
        row.getObject("id", UUID.class),
        row.getObject("service_id", UUID.class),
        row.getObject("release_id", UUID.class),
        row.getInt("replicas"),
        row.getLong("generation"),
        row.getLong("observed_generation"),
        row.getBoolean("removing"),
        row.getString("observed_state"),
        row.getString("pinned_node"));
  }
}
