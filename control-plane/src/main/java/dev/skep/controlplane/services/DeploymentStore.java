package dev.skep.controlplane.services;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.logs.LogReader;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.state.Rows;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.DeploymentState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Reads deployments and events of one service of one organization. */
final class DeploymentStore {
  /** What explains most crashes; a stack trace's end included. */
  private static final int LAST_LINES = 10;

  /** Of a line that never ends. */
  private static final int LINE_LENGTH = 1_000;

  private final Database database;
  private final LogReader logs;

  DeploymentStore(Database database, LogReader logs) {
    this.database = database;
    this.logs = logs;
  }

  /** Newest first, older than {@code before}. */
  List<Deployment> list(OrganizationId organization, ServiceId service, UUID before, int limit) {
    return database
        .read(
            h ->
                h.createQuery(
                        """
                    select d.*, r.number as release_number, r.spec->>'image' as image
                    from container_deployments d join releases r on r.id = d.release_id
                    where d.organization_id = :organization and d.service_id = :service and d.id < :before
                    order by d.id desc limit :limit
                    """)
                    .bind("organization", organization.value())
                    .bind("service", service.value())
                    .bind("before", before)
                    .bind("limit", limit)
                    .map((row, c) -> new Row(deployment(row), row.getString("failed_container")))
                    .list())
        .stream()
        .map(row -> complete(organization, service, row))
        .toList();
  }

  private record Row(Deployment deployment, String failedContainer) {}

  /** Lines are read when they are asked for: the last ones may come after the deployment's end. */
  private Deployment complete(OrganizationId organization, ServiceId service, Row row) {
    if (row.failedContainer.isEmpty()) {
      return row.deployment;
    }
    List<String> lines =
        logs.last(organization, service, row.failedContainer, LAST_LINES).stream()
            .map(line -> line.getText().toStringUtf8())
            .map(line -> line.substring(0, Math.min(LINE_LENGTH, line.length())))
            .toList();
    return row.deployment.toBuilder().addAllLastLogLines(lines).build();
  }

  List<DeploymentEvent> events(
      OrganizationId organization, ServiceId service, long after, int limit) {
    return database.read(
        h ->
            h.createQuery(
                    """
                    select * from deployment_events
                    where organization_id = :organization and service_id = :service and sequence > :after
                    order by sequence limit :limit
                    """)
                .bind("organization", organization.value())
                .bind("service", service.value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> event(row))
                .list());
  }

  private static Deployment deployment(ResultSet row) throws SQLException {
    Deployment.Builder deployment =
        Deployment.newBuilder()
            .setId(row.getString("id"))
            .setServiceId(row.getString("service_id"))
            .setReleaseNumber(row.getInt("release_number"))
            .setImage(row.getString("image"))
            .setState(DeploymentState.valueOf("DEPLOYMENT_STATE_" + row.getString("state")))
            .setReason(row.getString("reason"))
            .setCause(row.getString("cause"))
            .setCreateTime(Paging.timestamp(Rows.instant(row, "created_at")));
    if (row.getTimestamp("ended_at") != null) {
      deployment.setEndTime(Paging.timestamp(Rows.instant(row, "ended_at")));
    }
    return deployment.build();
  }

  private static DeploymentEvent event(ResultSet row) throws SQLException {
    return DeploymentEvent.newBuilder()
        .setSequence(row.getLong("sequence"))
        .setDeploymentId(Objects.requireNonNullElse(row.getString("deployment_id"), ""))
        .setType(row.getString("type"))
        .setMessage(row.getString("message"))
        .setTime(Paging.timestamp(Rows.instant(row, "created_at")))
        .build();
  }
}
