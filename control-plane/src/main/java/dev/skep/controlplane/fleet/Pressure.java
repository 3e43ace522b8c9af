package dev.skep.controlplane.fleet;

import java.util.Locale;

/** What a worker can run out of. */
public enum Pressure {
  CPU,
  MEMORY,
  DISK;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
