package dev.skep.cli.client;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.client.SkepClient;
import dev.skep.client.SkepException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Asks again and again until there is an answer or the time is over. */
public final class Waiter {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(150);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final SkepClient controlPlane;
  private final InstantSource clock;
  private final Duration timeout;

  public Waiter(SkepClient controlPlane, InstantSource clock, Duration timeout) {
    this.controlPlane = controlPlane;
    this.clock = clock;
    this.timeout = timeout;
  }

  /** A control plane that is away for a moment is waited for, too. */
  public <T> T until(String what, Supplier<Optional<T>> question) throws InterruptedException {
    var end = clock.instant().plus(timeout);
    var pause = FIRST_PAUSE;
    for (var answer = ask(question); ; answer = ask(question)) {
      if (answer.isPresent()) {
        return answer.get();
      }
      if (clock.instant().isAfter(end)) {
        throw expired(what);
      }
      Thread.sleep(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private <T> Optional<T> ask(Supplier<Optional<T>> question) {
    return Connection.call(
        controlPlane,
        () -> {
          try {
            return controlPlane.call(question);
          } catch (SkepException e) {
            if (e.isPassing()) {
              return Optional.empty();
            }
            throw e;
          }
        });
  }

  private CliException expired(String what) {
    return new CliException(
        ExitCode.UNREACHABLE,
        "waited " + timeout.toSeconds() + " s for " + what,
        List.of(),
        "it goes on by itself; wait longer with --timeout, or inspect it",
        null);
  }
}
