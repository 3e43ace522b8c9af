package dev.skep.controlplane.schedule;

/** Rules that a worker can be rejected by, in the order in which they are asked. */
enum Rule {
  NOT_READY,
  ROLE,
  LABELS,
  HOST_PORT,
  CPU,
  MEMORY
}
