package dev.skep.controlplane.volumes;

import dev.skep.controlplane.db.Database;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.List;

/** How to build the volumes API, and its chore. */
public final class VolumesFeature {
  private final Database database;
  private final Duration retention;

  /** {@code retention}: how long volumes are kept that no service can use. */
  public VolumesFeature(Database database, Duration retention) {
    this.database = database;
    this.retention = retention;
  }

  public List<BindableService> apis() {
    return List.of(new VolumesApi(new VolumesService(database), retention));
  }

  /** Deletes what was kept for long enough. */
  public void expire() {
    new VolumeRetention(database, retention).apply();
  }
}
