package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.Wanted;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A service with all that is shown of it.
 *
 * @param version grows with every write of the user
 * @param waitingFor why replicas have no place; empty when they have
 * @param latest the newest deployment
 */
record ServiceRecord(
    ServiceId id,
    String name,
    Wanted wanted,
    int replicas,
    long version,
    Release release,
    ServicePolicy policy,
    String waitingFor,
    List<Placement> placements,
    @Nullable Deployment latest,
    Instant createdAt,
    Instant updatedAt) {
  String etag() {
    return Long.toString(version);
  }

  /** Id of the deployment that is under way; empty when there is none. */
  String activeDeployment() {
    return latest == null || latest.state().ended() ? "" : latest.id().toString();
  }
}
