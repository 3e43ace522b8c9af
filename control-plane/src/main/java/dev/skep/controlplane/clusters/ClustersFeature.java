package dev.skep.controlplane.clusters;

import dev.skep.controlplane.db.Database;
import io.grpc.BindableService;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the clusters API. */
public final class ClustersFeature {
  private ClustersFeature() {}

  /**
   * Builds it.
   *
   * @param networks how many networks of organizations a cluster has room for
   */
  public static List<BindableService> apis(Database database, Supplier<UUID> ids, int networks) {
    return List.of(
        new ClustersApi(
            new ClusterQueries(database),
            new ClustersService(database, ids),
            new ClusterProtos(networks)));
  }
}
