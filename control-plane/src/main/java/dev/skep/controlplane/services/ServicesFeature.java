package dev.skep.controlplane.services;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.forecast.Forecasts;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.logs.LogFollower;
import dev.skep.controlplane.logs.LogReader;
import io.grpc.BindableService;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the services, deployments and logs APIs. */
public final class ServicesFeature {
  private ServicesFeature() {}

  /**
   * The settings of this feature.
   *
   * @param networkPool CIDR that organizations' subnets are taken from
   * @param insecureRegistries host[:port] that are asked without TLS
   * @param funds whether there is money for what is asked
   */
  public record Settings(String networkPool, Set<String> insecureRegistries, Funds funds) {
    /** How many networks of organizations a cluster has room for. */
    public int networks() {
      return NetworkAllocator.size(networkPool);
    }
  }

  public static List<BindableService> apis(
      Database database,
      Supplier<UUID> ids,
      Settings settings,
      Forecasts forecasts,
      LogReader reader,
      LogFollower logFollower,
      ServiceFollower follower) {
    ImageResolver images = new ImageResolver(settings.insecureRegistries());
    ServicesService services =
        new ServicesService(
            database,
            ids,
            images,
            new NetworkAllocator(settings.networkPool(), ids),
            settings.funds());
    return List.of(
        new ServicesApi(services, new ServiceForecasts(services, images, forecasts, ids), follower),
        new DeploymentsApi(services, new DeploymentStore(database, reader), follower),
        new LogsApi(services, reader, logFollower));
  }
}
