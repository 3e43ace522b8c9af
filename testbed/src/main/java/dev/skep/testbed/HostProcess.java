package dev.skep.testbed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A process that runs on a lab host. */
public final class HostProcess {

  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

  private final Process entrance;
  private final ProcessHandle handle;
  private final Path output;

  /**
   * @param entrance the process that entered the host's namespaces and waits for its only child
   */
  HostProcess(Process entrance, Path output) {
    this.entrance = entrance;
    this.output = output;
    this.handle =
        Await.seconds(10)
            .every(Duration.ofMillis(5))
            .until(
                "a process enters the host; see " + output,
                () -> entrance.children().findFirst().or(() -> ended(entrance)),
                found -> found.isPresent())
            .orElseThrow();
  }

  /** A process that has already ended stands for its child: both are dead. */
  private static Optional<ProcessHandle> ended(Process entrance) {
    return entrance.isAlive() ? Optional.empty() : Optional.of(entrance.toHandle());
  }

  /** Its process id as the machine sees it; on the host it has another one. */
  public long pid() {
    return handle.pid();
  }

  public boolean isAlive() {
    return entrance.isAlive();
  }

  /** The file with its standard output and error. */
  public Path output() {
    return output;
  }

  /** Sends a signal, for example TERM, KILL, STOP or CONT. */
  public void signal(String name) {
    if (entrance.isAlive()) {
      Shell.run("kill", "-" + name, Long.toString(handle.pid()));
      // The entrance stops when its child is stopped, and would then miss the child's end.
      if (!name.equals("STOP")) {
        Shell.run("kill", "-CONT", Long.toString(entrance.pid()));
      }
    }
  }

  /** Ends it with SIGTERM, or with SIGKILL if that takes longer than 15 seconds. */
  public int stop() {
    signal("TERM");
    try {
      return awaitExit(STOP_LIMIT);
    } catch (AssertionError e) {
      return kill();
    }
  }

  public int kill() {
    signal("KILL");
    return awaitExit(STOP_LIMIT);
  }

  /** Its exit code; 128 plus the signal's number when a signal ended it. */
  public int awaitExit(Duration limit) {
    Await.atMost(limit)
        .every(Duration.ofMillis(20))
        .until("process %d ends; see %s".formatted(pid(), output), () -> !entrance.isAlive());
    return entrance.exitValue();
  }
}
