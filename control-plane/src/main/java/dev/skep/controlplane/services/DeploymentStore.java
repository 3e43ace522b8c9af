package dev.skep.controlplane.services;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
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
  private final Database database;

  DeploymentStore(Database database) {
    this.database = database;
  }

  /** Newest first, older than {@code before}. */
  List<Deployment> list(OrganizationId organization, ServiceId service, UUID before, int limit) {
    return database.read(
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
                .map((row, c) -> deployment(row))
                .list());
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
