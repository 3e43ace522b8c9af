package dev.skep.controlplane.workload;

/** What the user wants of a service as a whole. */
public enum Wanted {
  RUNNING,
  STOPPED,
  DELETED
}
