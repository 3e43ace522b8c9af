package dev.skep.testbed.e2e;

import java.time.Duration;

/**
 * A duration that is promised for a machine with nothing else to do. The whole run of the tests
 * starts several clusters at a time on however few cores there are, and allows three times as much;
 * {@code -Dskep.patience=1} asks for the promise itself.
 */
final class Must {
  private static final int PATIENCE = Integer.getInteger("skep.patience", 3);

  private Must() {}

  static Duration seconds(int promised) {
    return Duration.ofSeconds(promised).multipliedBy(PATIENCE);
  }
}
