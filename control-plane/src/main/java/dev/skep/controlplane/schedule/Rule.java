package dev.skep.controlplane.schedule;

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
  ROLE,
  TAINT,
  LABELS,
  HOST_PORT,
  CPU,
  MEMORY
}
