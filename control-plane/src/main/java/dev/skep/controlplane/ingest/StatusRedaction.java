package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.TaskStatus;
import dev.skep.controlplane.vault.Redaction;
import dev.skep.controlplane.vault.Redactor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Takes values of secrets out of what engines say of replicas: people see it as a reason. */
final class StatusRedaction {
  private static final String PREFIX = "placement/";
  private static final String SERVICES =
      """
      select p.id, p.service_id, s.last_release_number
      from placements p join container_services s on s.id = p.service_id
      where p.id = any(:placements)
        and exists (select 1 from container_service_secrets u where u.service_id = p.service_id)
      """;

  private final Redactor redactor;

  StatusRedaction(Redactor redactor) {
    this.redactor = redactor;
  }

  List<ObjectStatus> clean(Handle handle, List<ObjectStatus> objects) {
    List<ObjectStatus> talking = objects.stream().filter(StatusRedaction::says).toList();
    if (talking.isEmpty()) {
      return objects;
    }
    Map<String, Redaction> redactions = redactions(handle, talking);
    return redactions.isEmpty()
        ? objects
        : objects.stream()
            .map(o -> clean(o, redactions.getOrDefault(o.getAssignmentId(), Redaction.NONE)))
            .toList();
  }

  private static boolean says(ObjectStatus status) {
    return status.getAssignmentId().startsWith(PREFIX)
        && (!status.getMessage().isEmpty()
            || status.getTasksList().stream().anyMatch(t -> !t.getMessage().isEmpty()));
  }

  private Map<String, Redaction> redactions(Handle handle, List<ObjectStatus> talking) {
    Map<String, Redaction> redactions = new HashMap<>();
    handle
        .createQuery(SERVICES)
        .bind(
            "placements",
            talking.stream()
                .flatMap(
                    o -> StatusWriter.uuid(o.getAssignmentId().substring(PREFIX.length())).stream())
                .toArray(UUID[]::new))
        .map(
            (row, c) ->
                redactions.put(
                    PREFIX + row.getString("id"),
                    redactor.of(
                        handle,
                        row.getObject("service_id", UUID.class),
                        row.getInt("last_release_number"))))
        .list();
    return redactions;
  }

  private static ObjectStatus clean(ObjectStatus status, Redaction redaction) {
    if (redaction.isEmpty()) {
      return status;
    }
    ObjectStatus.Builder clean =
        status.toBuilder().setMessage(redaction.text(status.getMessage())).clearTasks();
    for (TaskStatus task : status.getTasksList()) {
      clean.addTasks(task.toBuilder().setMessage(redaction.text(task.getMessage())));
    }
    return clean.build();
  }
}
