package dev.skep.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BrakeTest {
  @Test
  void aClusterThatIsSeenHasNoBrake() {
    assertThat(on(List.of())).isFalse();
    assertThat(on(some(3, Workers.online()))).isFalse();
  }

  @Test
  void moreThanFiftyFivePercentUnseenIsBlindness() {
    assertThat(on(some(45, Workers.online()), some(55, Workers.lost()))).isFalse();
    assertThat(on(some(44, Workers.online()), some(56, Workers.lost()))).isTrue();
  }

  @Test
  void oneOfTwoIsADeadWorkerAndBothAreBlindness() {
    assertThat(on(some(1, Workers.online()), some(1, Workers.lost()))).isFalse();
    assertThat(on(some(2, Workers.lost()))).isTrue();
  }

  @Test
  void theOnlyWorkerUnseenIsBlindness() {
    assertThat(on(some(1, Workers.lost()))).isTrue();
  }

  @Test
  void whateverIsNotSeenCounts() {
    assertThat(
            on(
                List.of(Workers.unknown(), Workers.unhealthy(), Workers.lost()),
                some(2, Workers.online())))
        .isTrue();
  }

  @Test
  void thoseThatNeverWerePartOfTheSwarmDoNotCount() {
    assertThat(on(some(10, Workers.pending()), some(1, Workers.online()), some(2, Workers.lost())))
        .isTrue();
    assertThat(on(some(3, Workers.pending()))).isFalse();
  }

  @Test
  void thoseThatAnOperatorGaveUpInARecoveryAreLostAndDoNotCount() {
    Worker givenUp = Workers.givenUp();

    assertThat(givenUp.state(Workers.NOW, Workers.TIMEOUT)).isEqualTo(WorkerState.LOST);
    assertThat(on(some(1, Workers.online()), some(2, givenUp))).isFalse();
  }

  @SafeVarargs
  private static boolean on(List<Worker>... parts) {
    List<Worker> all = new ArrayList<>();
    for (List<Worker> part : parts) {
      all.addAll(part);
    }
    return Brake.on(all, Workers.NOW, Workers.TIMEOUT);
  }

  private static List<Worker> some(int count, Worker worker) {
    return Collections.nCopies(count, worker);
  }
}
