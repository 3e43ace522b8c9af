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

/** How to build the services, deployments and logs APIs, and what makes services for others. */
public final class ServicesFeature {
  private final Database database;
  private final NewServices creation;
  private final ServicesService services;
  private final ServiceForecasts forecasts;
  private final Settings settings;

  public ServicesFeature(
      Database database, Supplier<UUID> ids, Settings settings, Forecasts forecasts) {
    ImageResolver images = new ImageResolver(settings.insecureRegistries());
    NetworkAllocator networks = new NetworkAllocator(settings.networkPool(), ids);
    this.database = database;
    this.settings = settings;
    this.creation = new NewServices(ids, images, networks, settings.funds());
    this.services = new ServicesService(database, ids, images, networks, settings.funds());
    this.forecasts = new ServiceForecasts(services, images, forecasts, ids);
  }

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

  public List<BindableService> apis(
      LogReader reader, LogFollower logFollower, ServiceFollower follower) {
    return List.of(
        new ServicesApi(services, forecasts, follower),
        new DeploymentsApi(services, new DeploymentStore(database, reader), follower),
        new LogsApi(services, reader, logFollower));
  }

  public NewServices creation() {
    return creation;
  }

  public NewServicePlans plans() {
    return new NewServicePlans(database, forecasts, settings.funds());
  }
}
