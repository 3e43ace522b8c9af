package dev.skep.cli.outcome;

/** What scripts learn from an invocation. */
public enum ExitCode {
  OK(0),
  INTERNAL(1),
  USAGE(2),
  /** Invalid, not found, not allowed, over quota or in conflict. */
  REFUSED(3),
  DEPLOYMENT_FAILED(4),
  /** Timed out or could not be reached. */
  UNREACHABLE(5);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
