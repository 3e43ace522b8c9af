package dev.skep.cli.format;

import dev.skep.v1.PlacementForecast;
import dev.skep.v1.Rejection;
import dev.skep.v1.ServiceForecast;
import java.util.List;
import java.util.stream.Collectors;

/** Forecasts as people read them. */
public final class ForecastText {
  private ForecastText() {}

  /** Where the replicas of one service are and will be; empty when it has none at all. */
  public static String placements(ServiceForecast forecast, int width) {
    if (forecast.getPlacementsCount() == 0) {
      return "";
    }
    var table = Table.of("WORKER~", "NOW", "THEN", "WHY~");
    forecast
        .getPlacementsList()
        .forEach(
            p ->
                table.row(
                    p.getWorkerName(),
                    Integer.toString(p.getReplicasBefore()),
                    Integer.toString(p.getReplicasAfter()),
                    why(p)));
    return table.render(width);
  }

  /** Replicas without a place, and why; empty when all have one and may go to it. */
  public static String missing(ServiceForecast forecast) {
    var waiting = forecast.getWaitingFor();
    return waiting.isEmpty() ? "" : Terminal.safe(waiting) + "\n";
  }

  /** Rules as a sentence: "1 draining, 2 lack 512 MiB memory". */
  public static String rejections(List<Rejection> rejections) {
    return Terminal.safe(
        rejections.stream().map(Rejection::getSentence).collect(Collectors.joining(", ")));
  }

  /** What becomes of the replicas on one worker. */
  public static String why(PlacementForecast placement) {
    if (placement.getReplaced()) {
      return "replaced one after the other";
    }
    return Humans.orNone(placement.getReason());
  }

  public static String replicas(int count) {
    return count == 1 ? "1 replica" : count + " replicas";
  }
}
