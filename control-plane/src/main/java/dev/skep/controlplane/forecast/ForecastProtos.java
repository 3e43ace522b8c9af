package dev.skep.controlplane.forecast;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.Fate;
import dev.skep.controlplane.reconcile.Forecast;
import dev.skep.controlplane.schedule.Decision;
import dev.skep.v1.PlacementForecast;
import dev.skep.v1.Rejection;
import dev.skep.v1.ServiceForecast;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Forecasts as the API shows them. */
public final class ForecastProtos {
  private ForecastProtos() {}

  public static ServiceForecast.Builder forecast(Forecast forecast) {
    return ServiceForecast.newBuilder()
        .setServiceId(forecast.view().id().toString())
        .setServiceName(forecast.view().name())
        .setOrganizationId(forecast.view().organization().toString())
        .addAllPlacements(placements(forecast))
        .setReplicasMissing(forecast.decision().missing())
        .setExplanation(forecast.decision().explanation())
        .addAllRejections(rejections(forecast.decision()))
        .setWaitingFor(forecast.waitingFor());
  }

  public static List<Rejection> rejections(Decision decision) {
    return decision.rejections().stream()
        .map(
            r ->
                Rejection.newBuilder()
                    .setRule(r.rule())
                    .setWorkers(r.workers())
                    .setSentence(r.sentence())
                    .build())
        .toList();
  }

  private static List<PlacementForecast> placements(Forecast forecast) {
    return Stream.concat(forecast.before().keySet().stream(), forecast.after().keySet().stream())
        .distinct()
        .map(worker -> placement(forecast, worker))
        .filter(p -> p.getReplicasBefore() > 0 || p.getReplicasAfter() > 0)
        .sorted(Comparator.comparing(PlacementForecast::getWorkerName))
        .toList();
  }

  private static PlacementForecast placement(Forecast forecast, WorkerId worker) {
    int before = forecast.before().getOrDefault(worker, 0);
    int after = forecast.after().getOrDefault(worker, 0);
    Fate fate = forecast.fates().get(worker);
    return PlacementForecast.newBuilder()
        .setWorkerId(worker.toString())
        .setWorkerName(fate == null ? "" : fate.name())
        .setReplicasBefore(before)
        .setReplicasAfter(after)
        .setReplaced(forecast.replaced().contains(worker))
        .setReason(after < before && fate != null ? fate.why() : "")
        .build();
  }
}
