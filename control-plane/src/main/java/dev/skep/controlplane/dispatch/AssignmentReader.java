package dev.skep.controlplane.dispatch;

import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Image;
import dev.skep.agent.v1.Network;
import dev.skep.agent.v1.SwarmControl;
import dev.skep.agent.v1.SwarmMembership;
import dev.skep.agent.v1.VolumeRemoval;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.pki.SealedColumn;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.vault.ReleaseSecrets;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
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
             c.worker_join_token, c.swarm_id, c.owner_epoch, c.owner_revision, w.forget_node,
             c.recovery_generation > c.recovered_generation and c.recovery_worker_id = w.id as recover,
             w.certificate_generation > w.renewed_generation as renew_certificate,
             coalesce((select epoch from leases where name = 'leader'), 0) as leader_epoch,
             (select bool_and((facts->>'ipvs')::boolean) from container_workers where cluster_id = c.id) as ipvs
      from container_workers w join clusters c on c.id = w.cluster_id
      where w.id = :worker and w.availability <> 'REMOVED'
      """;

  /**
   * Since when the worker has to hear of what. Its rights may have changed: then what it has is no
   * base to build on.
   */
  private static final String AFTER = "case when :after < c.owner_revision then 0 else :after end";

  private static final String NETWORKS =
      "select * from networks where cluster_id = :cluster and revision > :after";

  /**
   * A new placement is shown when its worker has the image: the Swarm would else try to start what
   * is not there. One that the Swarm has is always shown. An agent that does not know images yet
   * leaves them to its engine. One on a worker that has no node in the Swarm is not shown. One
   * without replicas starts nothing.
   */
  private static final String VISIBLE =
      """
      and (p.removing
           or (p.replicas = 0 and w.swarm_node_id <> '')
           or (p.observed_generation > 0 and w.swarm_node_id <> '')
           or w.swarm_node_id <> '' and exists (select 1 from worker_images i
                      where i.worker_id = p.worker_id and i.image = r.image and not i.removing
                        and (i.observed_state = 'APPLIED' or i.observed_code = 'unknown_kind')))
      """;

  private static final String PLACEMENTS =
      """
      select p.*, s.name as service_name, s.policy, r.image_digest, r.spec, r.stop_first, n.id as network_id,
             (select coalesce(jsonb_object_agg(v.name, v.id), '{}') from volumes v
              where v.service_id = p.service_id and v.worker_id = p.worker_id and v.kept_since is null) as volumes
      from placements p
      join container_services s on s.id = p.service_id
      join releases r on r.id = p.release_id
      join container_workers w on w.id = p.worker_id
      join networks n on n.cluster_id = p.cluster_id and n.organization_id = p.organization_id
      where p.cluster_id = :cluster and p.revision > :after
      """
          + VISIBLE;
  private static final String IMAGES =
      """
      select i.image, i.generation, i.removing
      from container_workers w
      join clusters c on c.id = w.cluster_id
      join worker_images i on i.worker_id = w.id
      where w.id = :worker and i.revision >
      """
          + AFTER;

  private static final String REMOVED_VOLUMES =
      """
      select v.id, v.generation
      from container_workers w
      join clusters c on c.id = w.cluster_id
      join volumes v on v.worker_id = w.id
      where w.id = :worker and v.removing and v.revision >
      """
          + AFTER;

  private final Database database;
  private final MasterKey masterKey;
  private final ReleaseSecrets secrets;

  /** Where the Swarms' tokens for new workers are. */
  public static SealedColumn sealed() {
    return new SealedColumn(
        "clusters", "id", "worker_join_token", cluster -> MasterKey.SWARM_WORKER_TOKEN);
  }

  public AssignmentReader(Database database, MasterKey masterKey) {
    this.database = database;
    this.masterKey = masterKey;
    this.secrets = new ReleaseSecrets(masterKey);
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
          Found found = new Found();
          new Reads(handle)
              // One snapshot for all statements: the revision read first must cover the rows read
              // after.
              .tell("set transaction isolation level repeatable read read only")
              .bind("worker", worker.value())
              .bind("after", after)
              .ask(WORKER, (row, c) -> Target.of(row), found.targets::addAll)
              .ask(NodeRow.OF_WORKER, (row, c) -> NodeRow.of(row), found.nodes::addAll)
              .ask(IMAGES, (row, c) -> image(row), found::add)
              .ask(REMOVED_VOLUMES, (row, c) -> volumeRemoval(row), found::add)
              .send();
          return found.targets.stream()
              .findFirst()
              .map(target -> render(handle, target, found, after, kind));
        });
  }

  /** What was read of all that an agent is told. */
  private static final class Found {
    private final List<Target> targets = new ArrayList<>();
    private final List<NodeRow> nodes = new ArrayList<>();
    private final List<Assignment> puts = new ArrayList<>();
    private final List<String> removes = new ArrayList<>();
    private final List<PlacementRow> placements = new ArrayList<>();

    void add(List<Word> words) {
      for (Word word : words) {
        switch (word) {
          case Word.Put(Assignment assignment) -> puts.add(assignment);
          case Word.Remove(String id) -> removes.add(id);
        }
      }
    }
  }

  /** What an agent is told of one object. */
  private sealed interface Word {
    record Put(Assignment assignment) implements Word {}

    record Remove(String id) implements Word {}
  }

  private AssignmentSet render(
      Handle handle, Target target, Found found, long after, AssignmentSet.Kind kind) {
    boolean anew = after < target.ownerRevision && kind == AssignmentSet.Kind.KIND_INCREMENTAL;
    if (target.managesSwarm()) {
      new Reads(handle)
          .bind("cluster", target.cluster)
          .bind("after", anew ? 0 : after)
          .ask(NETWORKS, (row, c) -> network(row), found::add)
          .ask(PLACEMENTS, (row, c) -> PlacementRow.of(row), found.placements::addAll)
          .send();
    }
    AssignmentSet.Builder set =
        AssignmentSet.newBuilder()
            .setKind(anew ? AssignmentSet.Kind.KIND_COMPLETE : kind)
            .setAppliesTo(anew ? 0 : after)
            .setResultsIn(target.revision)
            .setLeaderEpoch(target.leaderEpoch)
            .setRenewCertificate(target.renewCertificate);
    membership(target, found.nodes).ifPresent(set::addPut);
    if (target.managesSwarm() && target.swarmExists()) {
      set.addPut(control(target, found.nodes));
    }
    set.addAllPut(found.puts).addAllRemove(found.removes);
    addPlacements(handle, target, found.placements, set);
    return set.build();
  }

  /** Only who makes the Swarm is told of no managers; everybody else waits for it. */
  private Optional<Assignment> membership(Target target, List<NodeRow> nodes) {
    SwarmMembership.Builder membership =
        SwarmMembership.newBuilder()
            .setForgetNodeId(target.forgetNode)
            .setRecover(target.recover && target.swarmExists());
    byte[] sealed = target.sealedToken;
    if (target.swarmExists() && sealed != null) {
      byte[] token = masterKey.open(sealed, MasterKey.SWARM_WORKER_TOKEN);
      membership
          .addAllManagerAddresses(addresses(target, nodes))
          .setJoinToken(new String(token, StandardCharsets.UTF_8));
    } else if (!target.managesSwarm()) {
      return Optional.empty();
    }
    return Optional.of(
        Assignment.newBuilder()
            .setId("swarm")
            .setGeneration(target.membershipGeneration)
            .setSwarm(membership)
            .build());
  }

  /** The owner's first: it is the one that was heard last. */
  private static Set<String> addresses(Target target, List<NodeRow> nodes) {
    Set<String> addresses = new LinkedHashSet<>(List.of(target.managerAddress));
    nodes.stream()
        .filter(n -> n.manager() && !n.address().isEmpty())
        .forEach(n -> addresses.add(n.address()));
    return addresses;
  }

  private static Assignment control(Target target, List<NodeRow> nodes) {
    SwarmControl.Builder control = SwarmControl.newBuilder().setOwnerEpoch(target.ownerEpoch);
    for (NodeRow node : nodes) {
      switch (node.fate()) {
        case MANAGER -> control.addManagerNodeIds(node.id());
        case WORKER -> control.addWorkerNodeIds(node.id());
        case GONE -> control.addGoneNodeIds(node.id());
      }
    }
    return Assignment.newBuilder()
        .setId("control")
        .setGeneration(target.membershipGeneration)
        .setControl(control)
        .build();
  }

  private static Word volumeRemoval(ResultSet row) throws SQLException {
    UUID id = Rows.uuid(row, "id");
    return put(
        Assignment.newBuilder()
            .setId("volume/" + id)
            .setGeneration(row.getLong("generation"))
            .setVolumeRemoval(VolumeRemoval.newBuilder().setObjectName(ObjectNames.volume(id))));
  }

  private static Word put(Assignment.Builder assignment) {
    return new Word.Put(assignment.build());
  }

  private static Word image(ResultSet row) throws SQLException {
    String image = row.getString("image");
    if (row.getBoolean("removing")) {
      return new Word.Remove("image/" + image);
    }
    return put(
        Assignment.newBuilder()
            .setId("image/" + image)
            .setGeneration(row.getLong("generation"))
            .setImage(Image.newBuilder().setImage(image)));
  }

  private static Word network(ResultSet row) throws SQLException {
    UUID id = Rows.uuid(row, "id");
    if (row.getBoolean("removing")) {
      return new Word.Remove("network/" + id);
    }
    return put(
        Assignment.newBuilder()
            .setId("network/" + id)
            .setGeneration(row.getLong("generation"))
            .setNetwork(
                Network.newBuilder()
                    .setNetworkId(id.toString())
                    .setOrganizationId(row.getString("organization_id"))
                    .setObjectName(ObjectNames.network(id))
                    .setSubnet(row.getString("subnet"))));
  }

  private void addPlacements(
      Handle handle, Target target, List<PlacementRow> placements, AssignmentSet.Builder set) {
    RenderedSecrets rendered = secrets(handle, placements);
    // Before those who need them.
    rendered.assignments().forEach(set::addPut);
    for (PlacementRow placement : placements) {
      if (placement.removing()) {
        set.addRemove(placement.assignmentId());
      } else {
        set.addPut(placement.render(target.ipvs ? "vip" : "dnsrr", rendered));
      }
    }
  }

  /** Of those that stay; most have none. */
  private RenderedSecrets secrets(Handle handle, List<PlacementRow> placements) {
    Set<UUID> releases =
        placements.stream()
            .filter(p -> !p.removing() && !p.spec().secrets().isEmpty())
            .map(PlacementRow::release)
            .collect(Collectors.toSet());
    return new RenderedSecrets(secrets.of(handle, releases));
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
      String swarmId,
      long ownerEpoch,
      long ownerRevision,
      String forgetNode,
      boolean recover,
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
          row.getString("swarm_id"),
          row.getLong("owner_epoch"),
          row.getLong("owner_revision"),
          row.getString("forget_node"),
          row.getBoolean("recover"),
          row.getLong("leader_epoch"),
          row.getBoolean("ipvs"),
          row.getBoolean("renew_certificate"));
    }

    boolean managesSwarm() {
      return worker.equals(manager);
    }

    boolean swarmExists() {
      return !swarmId.isEmpty();
    }
  }
}
