package dev.skep.testbed;

/** What kind of lab to start. */
public record LabOptions(int workers, Lifetime lifetime) {

  /** The addresses .1 to .199 belong to hosts. */
  static final int MAX_WORKERS = 199;

  /** When a lab ends. */
  public enum Lifetime {
    /** With the process that started it, at the latest. */
    OF_PROCESS,
    /** When somebody takes it down, or the machine restarts. */
    UNTIL_DOWN
  }

  public LabOptions {
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new IllegalArgumentException(
          "workers: %d, expected 1 to %d".formatted(workers, MAX_WORKERS));
    }
  }

  public static LabOptions workers(int workers) {
    return new LabOptions(workers, Lifetime.OF_PROCESS);
  }

  /** The same lab, but it outlives this process. */
  public LabOptions untilDown() {
    return new LabOptions(workers, Lifetime.UNTIL_DOWN);
  }
}
