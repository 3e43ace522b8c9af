package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PresenceTest {
  private final TestDatabase test = TestDatabase.create();
  private final AtomicLong now = new AtomicLong(1);
  private final AtomicInteger severed = new AtomicInteger();
  private final Presence here = presence("here:7443");
  private final Presence there = presence("there:7443");

  @BeforeEach
  void listen() {
    here.whenAbsent(severed::incrementAndGet);
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void everybodyKnowsWhereAgentsMayGo() {
    here.beat();
    there.beat();
    here.beat();

    assertThat(here.endpoints()).containsExactly("here:7443", "there:7443");
    assertThat(there.endpoints()).isEqualTo(here.endpoints());

    there.close();
    here.beat();
    assertThat(here.endpoints()).containsExactly("here:7443");
  }

  @Test
  void sessionsOfOneThatIsGoneAreClosedAndOthersStay() {
    here.beat();
    there.beat();
    WorkerId orphan = worker("orphan", there);
    WorkerId moved = worker("moved", here);
    goBy(Presence.TTL.plusSeconds(1), here);
    age(there);
    here.beat();

    assertThat(connected(orphan)).isFalse();
    assertThat(connected(moved)).isTrue();
    assertThat(here.endpoints()).containsExactly("here:7443");
    assertThat(test.list(UUID.class, "select id from control_planes")).containsExactly(here.id());
  }

  @Test
  void whoWasGivenUpBeginsAnewAndLetsItsSessionsGo() {
    here.beat();
    there.beat();
    UUID before = here.id();
    goBy(Presence.TTL.plusSeconds(1), there);
    age(here);
    there.beat();
    here.beat();

    assertThat(here.id()).isNotEqualTo(before);
    assertThat(severed).hasValue(1);
    there.beat();
    assertThat(there.endpoints()).containsExactly("there:7443", "here:7443");
  }

  @Test
  void whoWasAwayItselfGivesNobodyUp() {
    here.beat();
    there.beat();
    goBy(Presence.TTL.plusSeconds(1), here);
    age(here);
    age(there);
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    here.beat();

    assertThat(test.number("select count(*) from control_planes")).isEqualTo(2);
    assertThat(severed).hasValue(0);
    assertThat(here.endpoints()).containsExactly("here:7443");
  }

  @Test
  void whoDoesNotReachTheDatabaseLetsItsAgentsGoBeforeTheOthersGiveItUp() {
    here.beat();
    there.beat();
    here.beat();
    now.addAndGet(Presence.PATIENCE.plusMillis(1).toNanos());
    here.letGoIfOverdue();
    here.letGoIfOverdue();

    assertThat(Presence.PATIENCE).isLessThan(Presence.TTL);
    assertThat(here.away()).isTrue();
    assertThat(severed).hasValue(1);
    here.beat();
    assertThat(here.away()).isFalse();
  }

  @Test
  void aloneThereIsNobodyBetterForItsAgents() {
    here.beat();
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    here.letGoIfOverdue();

    assertThat(here.away()).isFalse();
    assertThat(severed).hasValue(0);
  }

  @Test
  void anotherOneThatWasThereLatelyMayBeBack() {
    here.beat();
    there.beat();
    here.beat();
    there.close();
    here.beat();
    now.addAndGet(Presence.PATIENCE.plusMillis(1).toNanos());
    here.letGoIfOverdue();

    assertThat(severed).hasValue(1);
  }

  @Test
  void takingLeaveClosesWhatIsOpen() {
    here.beat();
    WorkerId worker = worker("w1", here);
    here.close();

    assertThat(connected(worker)).isFalse();
    assertThat(test.number("select count(*) from control_planes")).isZero();
  }

  private Presence presence(String endpoint) {
    return new Presence(
        test.database(),
        new Presence.Self(List.of(endpoint), "https://" + endpoint, "1"),
        test.ids(),
        now::get);
  }

  private WorkerId worker(String name, Presence home) {
    WorkerId worker = test.addWorker(name);
    test.execute(
        "update container_workers set control_plane_id = ? where id = ?",
        home.id(),
        worker.value());
    return worker;
  }

  private boolean connected(WorkerId worker) {
    return test.list(
            Boolean.class, "select connected from container_workers where id = ?", worker.value())
        .getFirst();
  }

  /** Lets time pass for one of them without a silence that would disturb it. */
  private void goBy(Duration time, Presence witness) {
    for (long second = 0; second < time.toSeconds(); second++) {
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      witness.beat();
    }
  }

  private void age(Presence silent) {
    test.execute(
        "update control_planes set seen_at = seen_at - interval '9 seconds' where id = ?",
        silent.id());
  }
}
