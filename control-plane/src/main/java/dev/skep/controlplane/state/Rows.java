package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.Link;
import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.SwarmNode;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Claim;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Observed;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.Task;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Rows of shared tables as records. Columns are read by name from {@code select *} of one table.
 */
public final class Rows {
  private Rows() {}

  public static Release release(ResultSet row) throws SQLException {
    return new Release(
        new ReleaseId(uuid(row, "id")),
        row.getInt("number"),
        row.getString("image_digest"),
        Json.read(row.getString("spec"), ServiceSpec.class));
  }

  public static Placement placement(ResultSet row) throws SQLException {
    return new Placement(
        new PlacementId(uuid(row, "id")),
        new WorkerId(uuid(row, "worker_id")),
        new ReleaseId(uuid(row, "release_id")),
        row.getInt("replicas"),
        row.getLong("generation"),
        row.getLong("restart_generation"),
        row.getBoolean("removing"),
        new Claim(
            new Resources(row.getLong("cpu_millis"), row.getLong("memory_bytes")),
            List.of((Integer[]) row.getArray("host_ports").getArray())),
        new Observed(
            row.getLong("observed_generation"),
            ObjectState.valueOf(row.getString("observed_state")),
            row.getString("observed_code"),
            row.getString("observed_message"),
            Json.readList(row.getString("observed_tasks"), Task.class)));
  }

  public static Deployment deployment(ResultSet row) throws SQLException {
    return new Deployment(
        new DeploymentId(uuid(row, "id")),
        new ReleaseId(uuid(row, "release_id")),
        DeploymentState.valueOf(row.getString("state")),
        row.getString("cause"),
        row.getString("reason"),
        instant(row, "created_at"),
        instant(row, "phase_since"),
        row.getTimestamp("cancel_requested_at") != null,
        row.getInt("replicas_before"));
  }

  public static Worker worker(ResultSet row) throws SQLException {
    return new Worker(
        new WorkerId(uuid(row, "id")),
        new ClusterId(uuid(row, "cluster_id")),
        row.getString("name"),
        roles((String[]) row.getArray("roles").getArray()),
        Json.readMap(row.getString("labels")),
        Set.of((String[]) row.getArray("taints").getArray()),
        Json.read(row.getString("facts"), WorkerFacts.class),
        swarmNode(row),
        new Link(
            row.getBoolean("connected"),
            instant(row, "connected_since"),
            instant(row, "last_heartbeat_at")),
        upkeep(row),
        pressure(row),
        new Resources(row.getLong("reserved_cpu_millis"), row.getLong("reserved_memory_bytes")),
        row.getInt("replicas"),
        instant(row, "created_at"));
  }

  private static SwarmNode swarmNode(ResultSet row) throws SQLException {
    return new SwarmNode(
        row.getString("swarm_node_id"),
        row.getString("swarm_node_state"),
        row.getString("swarm_error"),
        row.getBoolean("swarm_manager"),
        row.getBoolean("swarm_reachable"),
        instant(row, "swarm_state_since"));
  }

  private static Upkeep upkeep(ResultSet row) throws SQLException {
    Timestamp deadline = row.getTimestamp("drain_deadline");
    return new Upkeep(
        Upkeep.Availability.valueOf(row.getString("availability")),
        deadline == null ? null : deadline.toInstant(),
        row.getBoolean("drain_force"));
  }

  private static Map<Pressure, Instant> pressure(ResultSet row) throws SQLException {
    Map<Pressure, Instant> since = new EnumMap<>(Pressure.class);
    for (Pressure kind : Pressure.values()) {
      Timestamp start = row.getTimestamp(kind.word() + "_pressure_since");
      if (start != null) {
        since.put(kind, start.toInstant());
      }
    }
    return since;
  }

  /** What a worker's machine uses, in percent, as far as it was measured. */
  public static Map<Pressure, Double> usage(ResultSet row) throws SQLException {
    Map<Pressure, Double> usage = new EnumMap<>(Pressure.class);
    for (Pressure kind : Pressure.values()) {
      double percent = row.getDouble(kind.word() + "_percent");
      if (!row.wasNull()) {
        usage.put(kind, percent);
      }
    }
    return usage;
  }

  private static Set<WorkerRole> roles(String[] names) {
    Set<WorkerRole> roles = EnumSet.noneOf(WorkerRole.class);
    Arrays.stream(names).map(WorkerRole::valueOf).forEach(roles::add);
    return roles;
  }

  public static UUID uuid(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  public static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getTimestamp(column).toInstant();
  }
}
