package dev.skep.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.Notification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class FleetNewsTest {
  private static final FleetNews.Cluster SEEN = new FleetNews.Cluster("default", null, false);

  @Test
  void whatPeopleKnowIsNotToldAgain() {
    FleetNews first = look("ONLINE", Workers.lost());
    FleetNews second = look(first.told().getFirst().state(), Workers.lost());

    assertThat(first.notifications()).extracting(Notification::type).containsExactly("worker_lost");
    assertThat(first.notifications().getFirst().message()).contains("3 replicas of 2 services");
    assertThat(second.notifications()).isEmpty();
    assertThat(second.told()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', ONLINE, ",
    "ONLINE, UNHEALTHY, worker_unhealthy",
    "UNHEALTHY, LOST, worker_lost",
    "LOST, ONLINE, worker_back",
    "UNHEALTHY, ONLINE, worker_back",
    "DRAINING, DRAINED, worker_drained",
    "DRAINED, ONLINE, ",
  })
  void everyChangeHasItsWord(String before, WorkerState after, String type) {
    assertThat(look(before, worker(after)).notifications())
        .extracting(Notification::type)
        .isEqualTo(type == null ? List.of() : List.of(type));
  }

  @ParameterizedTest
  @EnumSource(
      value = WorkerState.class,
      names = {"PENDING", "UNKNOWN"})
  void whatPassesIsNotTold(WorkerState state) {
    FleetNews news = look("LOST", worker(state));

    assertThat(news.notifications()).isEmpty();
    assertThat(news.told()).isEmpty();
  }

  @Test
  void pressureIsToldOnceWithItsPercent() {
    FleetNews first = look("ONLINE", Workers.pressed(Pressure.DISK));
    FleetNews.Told told = first.told().getFirst();
    FleetNews second = look(told, Workers.pressed(Pressure.DISK));
    FleetNews relieved = look(told, Workers.online());

    assertThat(first.notifications().getFirst().type()).isEqualTo("worker_pressure");
    assertThat(first.notifications().getFirst().message())
        .contains("disk: 97 %", "no new replicas");
    assertThat(second.notifications()).isEmpty();
    assertThat(relieved.notifications()).isEmpty();
    assertThat(relieved.told().getFirst().pressure()).isEmpty();
  }

  @Test
  void whenMostAreNotSeenThatIsOneNotificationAndNoneOfEachWorker() {
    List<FleetNews.Known> workers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      workers.add(known(told("ONLINE"), Workers.lost()));
    }

    FleetNews first = at(Workers.NOW, SEEN, workers);
    FleetNews passing = at(Workers.NOW.plusSeconds(14), first.cluster(), workers);
    FleetNews blind = at(Workers.NOW.plusSeconds(15), passing.cluster(), workers);
    FleetNews still = at(Workers.NOW.plusSeconds(20), blind.cluster(), workers);

    assertThat(first.notifications()).isEmpty();
    assertThat(passing.notifications()).isEmpty();
    assertThat(blind.notifications())
        .extracting(Notification::type)
        .containsExactly("cluster_blind");
    assertThat(blind.notifications().getFirst().message()).contains("w, w, w, w, w and 3 more");
    assertThat(still.notifications()).isEmpty();
  }

  @Test
  void whenTheyAreSeenAgainWhoIsStillGoneIsTold() {
    FleetNews news =
        at(
            Workers.NOW,
            new FleetNews.Cluster("default", Workers.NOW.minusSeconds(60), true),
            List.of(
                known(told("ONLINE"), Workers.online()),
                known(told("ONLINE"), Workers.online()),
                known(told("ONLINE"), Workers.lost())));

    assertThat(news.notifications())
        .extracting(Notification::type)
        .containsExactly("cluster_sees_again", "worker_lost");
    assertThat(news.cluster()).isEqualTo(SEEN);
  }

  private static FleetNews look(String state, Worker worker) {
    return look(told(state), worker);
  }

  /** Among others that are seen. */
  private static FleetNews look(FleetNews.Told told, Worker worker) {
    FleetNews.Known seen = known(told("ONLINE"), Workers.online());
    return at(Workers.NOW, SEEN, List.of(known(told, worker), seen, seen));
  }

  private static FleetNews at(
      Instant now, FleetNews.Cluster cluster, List<FleetNews.Known> workers) {
    return FleetNews.of(cluster, workers, now, Workers.TIMEOUT);
  }

  private static FleetNews.Known known(FleetNews.Told told, Worker worker) {
    return new FleetNews.Known(worker, told, Map.of(Pressure.DISK, 97.2), 3, 2);
  }

  private static FleetNews.Told told(String state) {
    return new FleetNews.Told(Workers.online().id(), state, Set.of());
  }

  private static Worker worker(WorkerState state) {
    return switch (state) {
      case PENDING -> Workers.pending();
      case ONLINE -> Workers.online();
      case UNKNOWN -> Workers.unknown();
      case UNHEALTHY -> Workers.unhealthy();
      case LOST -> Workers.lost();
      case DRAINED -> Workers.drained();
      case DRAINING, REMOVED -> throw new IllegalArgumentException(state.name());
    };
  }
}
