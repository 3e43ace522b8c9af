package dev.skep.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class CopyLeaseTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir private Path dir;
  private final AtomicLong nanos = new AtomicLong(Duration.ofHours(5).toNanos());

  @Test
  void thereIsNoneBeforeItIsGranted() {
    assertThat(open("a").left()).isZero();
    assertThat(open("a").services()).isEmpty();
  }

  @Test
  void itRunsFromTheQuestionNotFromTheAnswer() {
    var lease = open("a");
    long asked = lease.now();
    pass(Duration.ofSeconds(20));

    lease.granted(asked, MINUTE, List.of("s1"));

    assertThat(lease.left()).isEqualTo(Duration.ofSeconds(40));
    pass(Duration.ofSeconds(41));
    assertThat(lease.left()).isZero();
    assertThat(lease.services()).containsExactly("s1");
  }

  @Test
  void anAgentThatStartsAgainGoesOnWithWhatIsLeft() {
    open("a").granted(nanos.get(), MINUTE, List.of("s1"));
    pass(Duration.ofSeconds(10));

    assertThat(open("a").left()).isEqualTo(Duration.ofSeconds(50));
    assertThat(open("a").services()).containsExactly("s1");
  }

  @Test
  void afterAStartOfTheMachineNothingIsLeftButItIsKnownOfWhat() {
    open("a").granted(nanos.get(), MINUTE, List.of("s1", "s2"));
    nanos.set(Duration.ofSeconds(30).toNanos());

    assertThat(open("b").left()).isZero();
    assertThat(open("b").services()).containsExactly("s1", "s2");
  }

  @Test
  void whatTheLastLeaseDoesNotNameIsNoMore() {
    var lease = open("a");
    lease.granted(nanos.get(), MINUTE, List.of("s1", "s2"));
    lease.granted(nanos.get(), MINUTE, List.of("s2"));
    assertThat(open("a").services()).containsExactly("s2");

    lease.granted(nanos.get(), MINUTE, List.of());
    assertThat(open("a").services()).isEmpty();
  }

  @Test
  void aDamagedFileIsSetAside() throws Exception {
    open("a").granted(nanos.get(), MINUTE, List.of("s1"));
    Files.writeString(dir.resolve("lease"), "x");

    assertThat(open("a").services()).isEmpty();
    assertThat(dir.resolve("lease.damaged")).exists();
  }

  @Test
  void theMachinesClockGoesOn() {
    var clock = BootClock.ofMachine();

    assertThat(clock.boot()).isNotBlank().isEqualTo(BootClock.ofMachine().boot());
    assertThat(clock.nanos().getAsLong()).isPositive();
  }

  private CopyLease open(String boot) {
    return CopyLease.open(dir, new BootClock(boot, nanos::get));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
