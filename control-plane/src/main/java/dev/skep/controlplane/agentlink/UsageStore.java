package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.ContainerStats;
import dev.skep.agent.v1.ReportStatsRequest;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The last usage of each container; a worker can only speak of placements that are its own. */
final class UsageStore {
  private static final int MAX_CONTAINERS = 2_000;
  private static final String UPSERT =
      """
      insert into container_usage (container_id, worker_id, placement_id, cpu_nanos, memory_bytes,
                                   network_rx_bytes, network_tx_bytes, observed_at)
      select :container, :worker, p.id, :cpu, :memory, :rx, :tx, :at
      from placements p where p.id = :placement::uuid and p.worker_id = :worker
      on conflict (container_id) do update set
        cpu_nanos = excluded.cpu_nanos, memory_bytes = excluded.memory_bytes,
        network_rx_bytes = excluded.network_rx_bytes, network_tx_bytes = excluded.network_tx_bytes,
        observed_at = excluded.observed_at, counted_at = clock_timestamp()
      where container_usage.worker_id = excluded.worker_id
      """;

  private final Database database;

  UsageStore(Database database) {
    this.database = database;
  }

  void write(WorkerId worker, ReportStatsRequest request) {
    Instant at =
        Instant.ofEpochSecond(request.getTime().getSeconds(), request.getTime().getNanos());
    if (request.getContainersCount() == 0) {
      return;
    }
    database.useTransaction(
        handle -> {
          PreparedBatch batch = handle.prepareBatch(UPSERT);
          request.getContainersList().stream()
              .limit(MAX_CONTAINERS)
              .forEach(container -> bind(batch, worker, container, at));
          batch.execute();
        });
  }

  private static void bind(PreparedBatch batch, WorkerId worker, ContainerStats stats, Instant at) {
    batch
        .bind("container", stats.getContainerId())
        .bind("worker", worker.value())
        .bind("placement", UUID.fromString(stats.getPlacementId()))
        .bind("cpu", stats.getCpuNanos())
        .bind("memory", stats.getMemoryBytes())
        .bind("rx", stats.getNetworkRxBytes())
        .bind("tx", stats.getNetworkTxBytes())
        .bind("at", at)
        .add();
  }
}
