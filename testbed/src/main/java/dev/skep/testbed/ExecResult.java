package dev.skep.testbed;

/** How a command ended, and all it printed (standard output and error together). */
public record ExecResult(String command, int exitCode, String output) {

  public boolean succeeded() {
    return exitCode == 0;
  }

  /** The output, without the white space around it, of a command that has to succeed. */
  public String orThrow() {
    if (!succeeded()) {
      throw new IllegalStateException(
          "'%s' ended with %d: %s".formatted(command, exitCode, output.strip()));
    }
    return output.strip();
  }
}
