package dev.skep.controlplane.workers;

import dev.skep.controlplane.forecast.ForecastProtos;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.Fate;
import dev.skep.controlplane.reconcile.Forecast;
import dev.skep.v1.ForecastWorkerLossResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What would follow from the loss of a worker, as the API shows it. */
final class LossProtos {
  private LossProtos() {}

  static ForecastWorkerLossResponse response(WorkerId worker, List<Forecast> forecasts) {
    ForecastWorkerLossResponse.Builder response = ForecastWorkerLossResponse.newBuilder();
    int moved = 0;
    int down = 0;
    for (Forecast forecast : forecasts) {
      int staying = forecast.after().getOrDefault(worker, 0);
      int leaving = forecast.before().getOrDefault(worker, 0) - staying;
      int placeless = Math.min(leaving, forecast.decision().missing());
      // What is to stay on a dead worker does not run.
      down += staying + placeless;
      moved += leaving - placeless;
      response.addServices(ForecastProtos.forecast(forecast));
    }
    return response
        .setReplicasMoved(moved)
        .setReplicasDown(down)
        .setBrake(forecasts.stream().anyMatch(f -> braked(f.fates().get(worker))))
        .build();
  }

  private static boolean braked(@Nullable Fate fate) {
    return fate != null && fate.kind() == Fate.Kind.BRAKED;
  }
}
