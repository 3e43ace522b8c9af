package dev.skep.controlplane.fleet;

/** What a worker may be used for. */
public enum WorkerRole {
  MANAGER,
  RUN,
  BUILD,
  INGRESS
}
