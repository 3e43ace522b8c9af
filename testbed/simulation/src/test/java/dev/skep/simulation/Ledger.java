package dev.skep.simulation;

import dev.skep.controlplane.db.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the database, for those who judge it.
 *
 * @param images of all releases that are kept
 */
record Ledger(
    long revision,
    @Nullable Lease lease,
    Map<UUID, Service> services,
    List<Placement> placements,
    List<Worker> workers,
    List<String> images) {
  static final Ledger EMPTY = new Ledger(0, null, Map.of(), List.of(), List.of(), List.of());

  /** That it is read from. */
  static final List<String> TABLES =
      List.of(
          "clusters",
          "container_deployments",
          "container_services",
          "container_workers",
          "leases",
          "placements",
          "releases");

  /** All of it as one value: one statement that is one moment. */
  static final String READ =
      """
      select json_build_object(
        'revision', (select sum(revision)::bigint from clusters),
        'lease', (select json_build_object('epoch', epoch, 'until', (extract(epoch from expires_at) * 1000)::bigint) from leases),
        'services', (select coalesce(json_agg(json_build_object(
            'id', s.id, 'name', s.name, 'wanted', s.wanted, 'replicas', s.replicas,
            'active', (select count(*) from container_deployments d where d.service_id = s.id and d.ended_at is null),
            'release', s.release_id,
            'maxParallel', coalesce((s.policy -> 'rollout' ->> 'maxParallel')::int, 0),
            'leased', coalesce(s.policy ->> 'dataPromise' = 'MAY_BE_LOST', false),
            'image', coalesce((select r.image from releases r where r.id = s.release_id), ''))), '[]') from container_services s),
        'placements', (select coalesce(json_agg(json_build_object(
            'id', id, 'service', service_id, 'release', release_id, 'replicas', replicas, 'generation', generation,
            'observedGeneration', observed_generation, 'removing', removing, 'state', observed_state,
            'node', pinned_node) order by id), '[]') from placements),
        'workers', (select coalesce(json_agg(json_build_object(
            'name', name, 'node', swarm_node_id, 'availability', availability,
            'lost', not connected and (swarm_node_state = 'down' or not swarm_reachable)) order by name), '[]')
          from container_workers),
        'images', (select coalesce(json_agg(distinct image), '[]') from releases where kept))
      """;

  /** Who leads, until when in milliseconds. */
  record Lease(long epoch, long until) {}

  record Service(
      UUID id,
      String name,
      String wanted,
      int replicas,
      long active,
      int maxParallel,
      boolean leased,
      UUID release,
      String image) {
    int asked() {
      return wanted.equals("RUNNING") ? replicas : 0;
    }

    /** How many an update may replace at the same time. */
    int parallel() {
      return maxParallel > 0 ? maxParallel : Math.max(1, (replicas + 3) / 4);
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

  /** As it comes. */
  private record Read(
      long revision,
      @Nullable Lease lease,
      List<Service> services,
      List<Placement> placements,
      List<Worker> workers,
      List<String> images) {}

  static Ledger of(String json) {
    Read read = Json.read(json, Read.class);
    Map<UUID, Service> services = new TreeMap<>();
    read.services.forEach(s -> services.put(s.id, s));
    return new Ledger(
        read.revision, read.lease, services, read.placements, read.workers, read.images);
  }

  /** Whether that is the epoch of the leader, and it still lasts. */
  boolean leadsIn(long epoch, Instant now) {
    return lease != null && lease.epoch == epoch && lease.until > now.toEpochMilli();
  }
}
