package dev.skep.controlplane.state;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.fleet.ManagerPlan;
import dev.skep.controlplane.fleet.Ownership;
import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Notification.Severity;
import dev.skep.controlplane.kernel.WorkerId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** The door to the management of Swarms for the leader: who changes each, and who manages it. */
public final class SwarmUpkeep {
  private static final String CLUSTERS =
      """
      select c.*, s.strangers, s.voting_strangers
      from clusters c
      cross join lateral (
        select count(*) as strangers,
               count(*) filter (where n.node ->> 'state' <> 'down' and (n.node ->> 'reachable')::boolean) as voting_strangers
        from jsonb_each(c.swarm_nodes) as n (id, node)
        where (n.node ->> 'manager')::boolean
          and not exists (select 1 from container_workers w where w.cluster_id = c.id and w.swarm_node_id = n.id)) s
      where c.swarm_id <> '' and c.recovered_generation = c.recovery_generation
      order by c.id
      """;
  private static final String MEMBERS =
      """
      select w.* from container_workers w join clusters c on c.id = w.cluster_id
      where c.swarm_id <> '' and c.recovered_generation = c.recovery_generation
      order by w.name
      """;
  private static final String OWNER =
      """
      update clusters
      set manager_worker_id = :owner, owner_epoch = owner_epoch + 1, owner_revision = :revision,
          membership_generation = membership_generation + 1
      where id = :id
      """;
  private static final String ERROR =
      """
      update clusters
      set control_error = :error, announced_leaderless = :leaderless,
          control_error_since = case when :error = '' then null else coalesce(control_error_since, now()) end
      where id = :id
      """;

  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;

  public SwarmUpkeep(Database database, LeaderLease lease, Supplier<UUID> ids) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
  }

  /** Decides about one Swarm. */
  public interface Rules {
    Ownership ownership(List<SwarmMember> members, ManagerPlan.Surroundings around);

    Optional<ManagerPlan.Change> next(List<SwarmMember> members, ManagerPlan.Surroundings around);
  }

  /**
   * Looks at every Swarm that is not being recovered and writes what has to change, fenced by the
   * lease. Mostly that is nothing, and then nothing is held, neither the lease nor the clusters,
   * which every report and every plan waits for.
   *
   * @return what people were told
   */
  public List<Notification> look(Rules rules) {
    Swarms now = database.read(handle -> Swarms.read(new Reads(handle), ""));
    return now.calm(rules) ? List.of() : change(rules);
  }

  private List<Notification> change(Rules rules) {
    return database.inTransaction(
        handle -> {
          Reads reads = new Reads(handle);
          lease.fence(reads);
          Swarms swarms = Swarms.read(reads, "for update of c");
          List<Notification> told = new ArrayList<>();
          for (Row cluster : swarms.clusters) {
            told.addAll(look(handle, cluster, swarms.members(cluster), rules));
          }
          told.forEach(n -> NotificationWriter.append(handle, ids.get(), n));
          return told;
        });
  }

  /** Those that are managed, and their members. */
  private record Swarms(List<Row> clusters, Map<ClusterId, List<SwarmMember>> members) {
    static Swarms read(Reads reads, String hold) {
      Swarms found = new Swarms(new ArrayList<>(), new HashMap<>());
      reads
          .ask(CLUSTERS + hold, (row, c) -> Row.of(row), found.clusters::addAll)
          .ask(MEMBERS, (row, c) -> SwarmUpkeep.member(row), found::add)
          .send();
      return found;
    }

    private void add(List<SwarmMember> all) {
      members.putAll(all.stream().collect(groupingBy(m -> m.worker().cluster())));
    }

    List<SwarmMember> members(Row cluster) {
      return members.getOrDefault(cluster.id, List.of());
    }

    boolean calm(Rules rules) {
      return clusters.stream().allMatch(cluster -> calm(cluster, rules));
    }

    private boolean calm(Row cluster, Rules rules) {
      Ownership ownership = rules.ownership(members(cluster), cluster.around);
      return ownership.owner().equals(cluster.around.owner())
          && cluster.says(ownership)
          && rules.next(members(cluster), cluster.around).isEmpty();
    }
  }

  private static List<Notification> look(
      Handle handle, Row cluster, List<SwarmMember> members, Rules rules) {
    Ownership ownership = rules.ownership(members, cluster.around);
    List<Notification> told = new ArrayList<>();
    if (!ownership.owner().equals(cluster.around.owner())) {
      handOver(handle, cluster, ownership.owner());
      told.add(
          cluster.tells(
              Severity.WARNING, "swarm_owner_changed", handedOver(members, cluster, ownership)));
    }
    error(handle, cluster, ownership).ifPresent(told::add);
    ManagerPlan.Surroundings around =
        new ManagerPlan.Surroundings(
            ownership.owner(), cluster.around.strangers(), cluster.around.votingStrangers());
    rules
        .next(members, around)
        .ifPresent(
            change -> {
              write(handle, cluster.id, change);
              told.add(
                  cluster.tells(Severity.INFO, "swarm_managers_changed", changed(members, change)));
            });
    return told;
  }

  private static void handOver(Handle handle, Row cluster, Optional<WorkerId> owner) {
    handle
        .createUpdate(OWNER)
        .bind("owner", owner.map(WorkerId::value).orElse(null))
        .bind("revision", Revisions.next(handle, cluster.id))
        .bind("id", cluster.id.value())
        .execute();
  }

  private static String handedOver(List<SwarmMember> members, Row cluster, Ownership ownership) {
    String before = cluster.around.owner().map(id -> name(members, id)).orElse("a removed worker");
    return "The agent of "
        + ownership.owner().map(id -> name(members, id)).orElse("nobody")
        + " changes the Swarm of cluster "
        + cluster.name
        + " from now on, in place of "
        + before;
  }

  private static Optional<Notification> error(Handle handle, Row cluster, Ownership ownership) {
    boolean lost = ownership.quorumLost();
    if (cluster.says(ownership)) {
      return Optional.empty();
    }
    handle
        .createUpdate(ERROR)
        .bind("error", ownership.error())
        .bind("leaderless", lost || (cluster.leaderless && !ownership.error().isEmpty()))
        .bind("id", cluster.id.value())
        .execute();
    if (lost && !cluster.leaderless) {
      return Optional.of(
          cluster.tells(
              Severity.CRITICAL,
              "swarm_quorum_lost",
              "Cluster "
                  + cluster.name
                  + ": "
                  + ownership.error()
                  + ". Bring the machines back, or see: skep cluster recover"));
    }
    return cluster.leaderless && ownership.error().isEmpty()
        ? Optional.of(
            cluster.tells(
                Severity.INFO,
                "swarm_quorum_back",
                "The Swarm of cluster " + cluster.name + " can be changed again"))
        : Optional.empty();
  }

  private static void write(Handle handle, ClusterId cluster, ManagerPlan.Change change) {
    Revisions.next(handle, cluster);
    handle.execute(
        "update clusters set membership_generation = membership_generation + 1 where id = ?",
        cluster.value());
    handle.execute(
        "update container_workers set manager_wanted = ? where id = ?",
        change instanceof ManagerPlan.Change.Promote,
        change.worker().value());
  }

  private static String changed(List<SwarmMember> members, ManagerPlan.Change change) {
    String name = name(members, change.worker());
    String wanted =
        members.stream()
            .filter(m -> m.wanted() && !m.worker().id().equals(change.worker()))
            .map(m -> m.worker().name())
            .sorted()
            .collect(joining(", "));
    return switch (change) {
      case ManagerPlan.Change.Promote p ->
          name + " becomes a manager of the Swarm, beside " + wanted;
      case ManagerPlan.Change.Demote d ->
          name + " is no manager of the Swarm any more; left are " + wanted;
    };
  }

  private static String name(List<SwarmMember> members, WorkerId id) {
    return members.stream()
        .filter(m -> m.worker().id().equals(id))
        .map(m -> m.worker().name())
        .findFirst()
        .orElse("a removed worker");
  }

  /** The workers of a cluster as its managers, or those that could be. */
  public static List<SwarmMember> members(Handle handle, ClusterId cluster) {
    return handle
        .createQuery("select * from container_workers where cluster_id = :cluster order by name")
        .bind("cluster", cluster.value())
        .map((row, c) -> member(row))
        .list();
  }

  private static SwarmMember member(ResultSet row) throws SQLException {
    Timestamp since = row.getTimestamp("control_error_since");
    Instant errorSince = since == null ? null : since.toInstant();
    return new SwarmMember(
        Rows.worker(row),
        row.getBoolean("manager_wanted"),
        row.getString("control_error"),
        errorSince);
  }

  private record Row(
      ClusterId id,
      String name,
      ManagerPlan.Surroundings around,
      String error,
      boolean leaderless) {
    static Row of(ResultSet row) throws SQLException {
      Optional<WorkerId> owner =
          Optional.ofNullable(row.getObject("manager_worker_id", UUID.class)).map(WorkerId::new);
      return new Row(
          new ClusterId(Rows.uuid(row, "id")),
          row.getString("name"),
          new ManagerPlan.Surroundings(
              owner, row.getInt("strangers"), row.getInt("voting_strangers")),
          row.getString("control_error"),
          row.getBoolean("announced_leaderless"));
    }

    /** Whether what is wrong stands there. */
    boolean says(Ownership ownership) {
      return ownership.error().equals(error) && ownership.quorumLost() == leaderless;
    }

    Notification tells(Severity severity, String type, String message) {
      return Notification.ofPlatform(severity, type, name, message);
    }
  }
}
