package dev.skep.controlplane.workers;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.forecast.Forecasts;
import io.grpc.BindableService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the workers API. */
public final class WorkersFeature {
  private WorkersFeature() {}

  /**
   * The settings of this feature.
   *
   * @param caPin what join tokens pin
   */
  public record Settings(String caPin, InstallCommand installCommand, Duration heartbeatTimeout) {}

  public static List<BindableService> apis(
      Database database,
      Supplier<UUID> ids,
      Settings settings,
      Forecasts forecasts,
      InstantSource clock) {
    return List.of(
        new WorkersApi(
            new WorkerQueries(database, ids, settings.caPin()),
            new WorkersService(database, clock, settings.heartbeatTimeout()),
            new WorkerProtos(clock, settings.heartbeatTimeout()),
            settings.installCommand(),
            clock,
            forecasts));
  }
}
