package dev.skep.controlplane.ingest;

import com.google.protobuf.Timestamp;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.TaskStatus;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Task;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Writes what an agent says about its objects. Only the manager of a cluster is believed. */
final class StatusWriter {
  private static final int MAX_MESSAGE = 2_000;
  private static final int MAX_TASKS = 200;

  /**
   * Who manages no Swarm now, after a restart of its engine, sees no replicas: what was seen before
   * is more.
   */
  private static final String PLACEMENT =
      """
      update placements p
      set observed_generation = greatest(:generation, p.observed_generation), observed_state = :state, observed_code = :code,
          observed_message = :message,
          observed_tasks = case when :code = 'not_manager' then p.observed_tasks else :tasks::jsonb end
      from clusters c
      where p.id = :id and c.id = p.cluster_id and c.manager_worker_id = :worker
        and p.generation >= :generation
        and case when :state = 'REMOVED' then p.removing else p.observed_generation <= :generation end
      returning p.service_id
      """;

  private static final String NETWORK =
      """
      update networks n set observed_state = :state, observed_message = :message
      from clusters c
      where n.id = :id and c.id = n.cluster_id and c.manager_worker_id = :worker
        and n.generation >= :generation
      """;

  /** Removed and not wanted again since: its subnet is free for another organization. */
  private static final String FORGET_NETWORKS =
      """
      delete from networks n using clusters c
      where c.id = n.cluster_id and c.manager_worker_id = :worker and n.removing and n.observed_state = 'REMOVED'
      """;

  private StatusWriter() {}

  static void write(Handle handle, WorkerId worker, List<ObjectStatus> objects) {
    PreparedBatch placements = handle.prepareBatch(PLACEMENT);
    PreparedBatch networks = handle.prepareBatch(NETWORK);
    for (ObjectStatus status : objects) {
      String[] parts = status.getAssignmentId().split("/", 2);
      Optional<ObjectState> state = state(status);
      Optional<UUID> id = parts.length == 2 ? uuid(parts[1]) : Optional.empty();
      if (id.isEmpty() || state.isEmpty()) {
        continue;
      }
      PreparedBatch batch = parts[0].equals("placement") ? placements : networks;
      batch
          .bind("id", id.get())
          .bind("worker", worker.value())
          .bind("generation", status.getGeneration())
          .bind("state", state.get().name())
          .bind("code", cut(status.getCode()))
          .bind("message", cut(status.getMessage()))
          .bind("tasks", tasks(status))
          .add();
    }
    if (networks.size() > 0) {
      networks.execute();
      handle.createUpdate(FORGET_NETWORKS).bind("worker", worker.value()).execute();
    }
    if (placements.size() > 0) {
      placements.executePreparedBatch("service_id").mapTo(UUID.class).stream()
          .distinct()
          .forEach(service -> new Change(Change.Topic.SERVICE, service).announce(handle));
    }
  }

  static Optional<ObjectState> state(ObjectStatus status) {
    return switch (status.getState()) {
      case STATE_PENDING -> Optional.of(ObjectState.PENDING);
      case STATE_APPLIED -> Optional.of(ObjectState.APPLIED);
      case STATE_FAILED -> Optional.of(ObjectState.FAILED);
      case STATE_REMOVED -> Optional.of(ObjectState.REMOVED);
      case STATE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static String tasks(ObjectStatus status) {
    return Json.write(
        status.getTasksList().stream().limit(MAX_TASKS).map(StatusWriter::task).toList());
  }

  private static Task task(TaskStatus task) {
    Timestamp since = task.getSince();
    return new Task(
        cut(task.getTaskId()),
        task.getGeneration(),
        cut(task.getContainerId()),
        cut(task.getState()),
        task.getDesiredRunning(),
        cut(task.getMessage()),
        Instant.ofEpochSecond(since.getSeconds(), since.getNanos()));
  }

  static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** PostgreSQL has no NUL in text, and nothing is stored without a limit. */
  static String cut(String text) {
    String clean = text.replace('\0', '?');
    return clean.length() <= MAX_MESSAGE ? clean : clean.substring(0, MAX_MESSAGE);
  }
}
