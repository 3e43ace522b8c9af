package dev.skep.agent.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.engine.FakeEngine;
import dev.skep.agent.journal.BootClock;
import dev.skep.agent.journal.CopyLease;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.RenderService;
import dev.skep.agent.task.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class LeaseGuardTest {
  private static final Duration LEASE = Duration.ofSeconds(60);

  @TempDir private Path dir;
  private final AtomicLong nanos = new AtomicLong(1);
  private final FakeEngine engine = new FakeEngine();
  private CopyLease lease;
  private LeaseGuard guard;

  @BeforeEach
  void aCopyOfS1Runs() {
    engine.init("10.0.0.1");
    engine
        .cluster()
        .createService(
            new RenderService(Samples.NEW_ENGINE).render(Samples.placement(), Samples.IDS, 1));
    start("a");
  }

  private void start(String boot) {
    lease = Journal.open(dir, new BootClock(boot, nanos::get)).lease();
    guard = new LeaseGuard(engine, lease, Runnable::run);
  }

  @Test
  void withoutALeaseOfItEverythingRunsOn() {
    guard.look();
    grant("another");
    pass(LEASE.multipliedBy(2));
    guard.look();

    assertThat(engine.stops).isEmpty();
  }

  @Test
  void itRunsWhileTheLeaseIsRenewedAndIsStoppedWhenItIsNot() {
    grant("s1");
    pass(Duration.ofSeconds(59));
    grant("s1");
    pass(Duration.ofSeconds(59));
    guard.look();
    assertThat(engine.stops).isEmpty();

    pass(Duration.ofSeconds(1));
    guard.look();
    assertThat(engine.stops.values()).containsExactly(1);
  }

  @Test
  void itLooksAgainBeforeTheLeaseCanEnd() {
    assertThat(guard.look()).isLessThanOrEqualTo(Duration.ofSeconds(5));
    grant("s1");
    assertThat(guard.look()).isLessThanOrEqualTo(Duration.ofSeconds(5));
    pass(LEASE.minusMillis(10));
    assertThat(guard.look()).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void whatTheSwarmStartsAgainIsStoppedUntilThereIsALease() {
    grant("s1");
    pass(LEASE);
    guard.look();
    guard.look();
    assertThat(engine.stops.values()).containsExactly(2);

    grant("s1");
    guard.look();

    assertThat(engine.stops.values()).containsExactly(2);
    assertThat(engine.localContainers()).allMatch(Observed.Container::running);
  }

  @Test
  void anAgentThatStartsAgainStopsNothingBeforeTheLeaseIsOver() {
    grant("s1");
    pass(Duration.ofSeconds(30));
    start("a");
    guard.look();
    assertThat(engine.stops).isEmpty();

    pass(Duration.ofSeconds(30));
    guard.look();
    assertThat(engine.stops.values()).containsExactly(1);
  }

  @Test
  void afterAStartOfTheMachineItIsStoppedUntilThereIsALease() {
    grant("s1");
    start("b");
    guard.look();
    assertThat(engine.stops.values()).containsExactly(1);
  }

  @Test
  void anEngineThatDoesNotAnswerIsAskedAgain() {
    grant("s1");
    pass(LEASE);
    engine.down = true;
    guard.look();
    engine.down = false;

    guard.look();

    assertThat(engine.stops.values()).containsExactly(1);
  }

  private void grant(String service) {
    lease.granted(lease.now(), LEASE, List.of(service));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
