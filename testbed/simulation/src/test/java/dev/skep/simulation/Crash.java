package dev.skep.simulation;

/** A process ends here, whatever it was about to do. */
final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  Crash() {
    super("simulated", null, false, false);
  }
}
