package dev.skep.cli.session;

import dev.skep.cli.client.Waiter;
import dev.skep.cli.parse.Durations;
import picocli.CommandLine.Option;

/** Whether a command waits for its effect, and how long. */
public final class WaitOptions {
  @Option(
      names = "--wait",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Wait until it is done (the default).")
  boolean wait = true;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "120s",
      description = "How long to wait (120s).")
  String timeout = "120s";

  public boolean wanted() {
    return wait;
  }

  public Waiter waiter(Session session) {
    return new Waiter(session.controlPlane(), session.clock(), Durations.parse(timeout));
  }
}
