package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.ObjectStatus;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ObjectState;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Writes what an agent says of the volumes that it shall delete. Only of its own worker. */
final class VolumeStatusWriter {
  private static final String PREFIX = "volume/";
  private static final String GONE =
      "delete from volumes where id = :id and worker_id = :worker and removing and generation = :generation";
  private static final String NOT_YET =
      """
      update volumes set observed_message = :message
      where id = :id and worker_id = :worker and removing and generation = :generation and observed_message <> :message
      """;

  private VolumeStatusWriter() {}

  static void write(Handle handle, WorkerId worker, List<ObjectStatus> objects) {
    for (ObjectStatus status : objects) {
      if (status.getAssignmentId().startsWith(PREFIX)) {
        id(status).ifPresent(id -> write(handle, worker, id, status));
      }
    }
  }

  private static void write(Handle handle, WorkerId worker, UUID id, ObjectStatus status) {
    boolean gone =
        StatusWriter.state(status).filter(state -> state == ObjectState.APPLIED).isPresent();
    try (var update = handle.createUpdate(gone ? GONE : NOT_YET)) {
      update
          .bind("id", id)
          .bind("worker", worker.value())
          .bind("generation", status.getGeneration())
          .bind("message", StatusWriter.cut(status.getMessage()))
          .execute();
    }
  }

  private static Optional<UUID> id(ObjectStatus status) {
    try {
      return Optional.of(UUID.fromString(status.getAssignmentId().substring(PREFIX.length())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
