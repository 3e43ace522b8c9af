package dev.skep.controlplane.dispatch;

import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Image;
import dev.skep.agent.v1.Network;
import dev.skep.agent.v1.SwarmMembership;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.state.Rows;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What one agent has to make true. There is no table of assignments: they are rendered from the
 * rows of networks and placements for the agent that manages the Swarm, so that another manager can
 * take over without a write; and of images, for the agent of the worker that has to have them.
 */
public final class AssignmentReader {

  private static final String WORKER =
      """
      select w.id, w.cluster_id, c.revision, c.membership_generation, c.manager_worker_id, c.manager_address,
             c.worker_join_token, w.certificate_generation > w.renewed_generation as renew_certificate,
             coalesce((select epoch from leases where name = 'leader'), 0) as leader_epoch,
             (select bool_and((facts->>'ipvs')::boolean) from container_workers where cluster_id = c.id) as ipvs
      from container_workers w join clusters c on c.id = w.cluster_id
      where w.id = :id and w.availability <> 'REMOVED'
      """;
  private static final String NETWORKS =
      "select * from networks where cluster_id = :cluster and revision > :after";

  /**
   * A new placement is shown when its worker has the image: the Swarm would else try to start what
   * is not there. One that the Swarm has is always shown. An agent that does not know images yet
   * leaves them to its engine.
   */
  private static final String VISIBLE =
      """
      and (p.removing or p.observed_generation > 0
           or exists (select 1 from worker_images i
                      where i.worker_id = p.worker_id and i.image = r.image and not i.removing
                        and (i.observed_state = 'APPLIED' or i.observed_code = 'unknown_kind')))
      """;

  private static final String PLACEMENTS =
      """
      select p.*, s.name as service_name, s.policy, r.image_digest, r.spec, n.id as network_id
      from placements p
      join container_services s on s.id = p.service_id
      join releases r on r.id = p.release_id
      join networks n on n.cluster_id = p.cluster_id and n.organization_id = p.organization_id
      where p.cluster_id = :cluster and p.revision > :after
      """
          + VISIBLE;
  private static final String IMAGES =
      "select image, generation, removing from worker_images where worker_id = :worker and revision > :after";

  private final Database database;
  private final MasterKey masterKey;

  public AssignmentReader(Database database, MasterKey masterKey) {
    this.database = database;
    this.masterKey = masterKey;
  }

  /** Everything. Empty when the worker was deleted. */
  public Optional<AssignmentSet> complete(WorkerId worker) {
    return read(worker, 0, AssignmentSet.Kind.KIND_COMPLETE);
  }

  /** What changed after a revision that the agent has. Empty when the worker was deleted. */
  public Optional<AssignmentSet> since(WorkerId worker, long revision) {
    return read(worker, revision, AssignmentSet.Kind.KIND_INCREMENTAL);
  }

  private Optional<AssignmentSet> read(WorkerId worker, long after, AssignmentSet.Kind kind) {
    return database.inTransaction(
        handle -> {
          // One snapshot for all statements: the revision read first must cover the rows read
          // after.
          handle.execute("set transaction isolation level repeatable read read only");
          return handle
              .createQuery(WORKER)
              .bind("id", worker.value())
              .map((row, c) -> Target.of(row))
              .findOne()
              .map(target -> render(handle, target, after, kind));
        });
  }

  private AssignmentSet render(Handle handle, Target target, long after, AssignmentSet.Kind kind) {
    AssignmentSet.Builder set =
        AssignmentSet.newBuilder()
            .setKind(kind)
            .setAppliesTo(after)
            .setResultsIn(target.revision)
            .setLeaderEpoch(target.leaderEpoch)
            .setRenewCertificate(target.renewCertificate);
    membership(target).ifPresent(set::addPut);
    addImages(handle, target, after, set);
    if (target.managesSwarm()) {
      addNetworks(handle, target, after, set);
      addPlacements(handle, target, after, set);
    }
    return set.build();
  }

  private Optional<Assignment> membership(Target target) {
    SwarmMembership.Builder membership = SwarmMembership.newBuilder();
    if (!target.managesSwarm()) {
      if (target.managerAddress.isEmpty() || target.sealedToken == null) {
        return Optional.empty();
      }
      byte[] token = masterKey.open(target.sealedToken, MasterKey.SWARM_WORKER_TOKEN);
      membership
          .addManagerAddresses(target.managerAddress)
          .setJoinToken(new String(token, StandardCharsets.UTF_8));
    }
    return Optional.of(
        Assignment.newBuilder()
            .setId("swarm")
            .setGeneration(target.membershipGeneration)
            .setSwarm(membership)
            .build());
  }

  private static void addImages(
      Handle handle, Target target, long after, AssignmentSet.Builder set) {
    handle
        .createQuery(IMAGES)
        .bind("worker", target.worker)
        .bind("after", after)
        .map(
            (row, c) ->
                row.getBoolean("removing")
                    ? set.addRemove("image/" + row.getString("image"))
                    : set.addPut(image(row)))
        .list();
  }

  private static Assignment image(ResultSet row) throws SQLException {
    String image = row.getString("image");
    return Assignment.newBuilder()
        .setId("image/" + image)
        .setGeneration(row.getLong("generation"))
        .setImage(Image.newBuilder().setImage(image))
        .build();
  }

  private static void addNetworks(
      Handle handle, Target target, long after, AssignmentSet.Builder set) {
    handle
        .createQuery(NETWORKS)
        .bind("cluster", target.cluster)
        .bind("after", after)
        .map((row, c) -> row.getBoolean("removing") ? remove(set, row) : set.addPut(network(row)))
        .list();
  }

  private static AssignmentSet.Builder remove(AssignmentSet.Builder set, ResultSet row)
      throws SQLException {
    return set.addRemove("network/" + row.getString("id"));
  }

  private static Assignment network(ResultSet row) throws SQLException {
    UUID id = Rows.uuid(row, "id");
    return Assignment.newBuilder()
        .setId("network/" + id)
        .setGeneration(row.getLong("generation"))
        .setNetwork(
            Network.newBuilder()
                .setNetworkId(id.toString())
                .setOrganizationId(row.getString("organization_id"))
                .setObjectName(ObjectNames.network(id))
                .setSubnet(row.getString("subnet")))
        .build();
  }

  private static void addPlacements(
      Handle handle, Target target, long after, AssignmentSet.Builder set) {
    handle
        .createQuery(PLACEMENTS)
        .bind("cluster", target.cluster)
        .bind("after", after)
        .map((row, c) -> PlacementRow.of(row))
        .forEach(
            placement -> {
              if (placement.removing()) {
                set.addRemove(placement.assignmentId());
              } else {
                set.addPut(placement.render(target.ipvs ? "vip" : "dnsrr"));
              }
            });
  }

  /** The agent that is told, and its cluster. */
  private record Target(
      UUID worker,
      UUID cluster,
      long revision,
      long membershipGeneration,
      @Nullable UUID manager,
      String managerAddress,
      byte @Nullable [] sealedToken,
      long leaderEpoch,
      boolean ipvs,
      boolean renewCertificate) {

    static Target of(ResultSet row) throws SQLException {
      return new Target(
          Rows.uuid(row, "id"),
          Rows.uuid(row, "cluster_id"),
          row.getLong("revision"),
          row.getLong("membership_generation"),
          row.getObject("manager_worker_id", UUID.class),
          row.getString("manager_address"),
          row.getBytes("worker_join_token"),
          row.getLong("leader_epoch"),
          row.getBoolean("ipvs"),
          row.getBoolean("renew_certificate"));
    }

    boolean managesSwarm() {
      return worker.equals(manager);
    }
  }
}
