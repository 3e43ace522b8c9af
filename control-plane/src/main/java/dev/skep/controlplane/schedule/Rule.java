package dev.skep.controlplane.schedule;

import java.util.Locale;

/** Rules that a worker can be rejected by, in the order in which they are asked. */
enum Rule {
  PENDING,
  LOST,
  UNKNOWN,
  UNHEALTHY,
  REMOVED,
  DRAINING,
  CORDONED,
  PRESSURE,
  VOLUME,
  ROLE,
  TAINT,
  LABELS,
  CONSTRAINT,
  MAX_PER_WORKER,
  HOST_PORT,
  CPU,
  MEMORY;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
