package dev.skep.controlplane.fleet;

/** How the control plane sees a worker; derived from what is stored, never stored itself. */
public enum WorkerState {
  /** Enrolled, not yet a ready node of the Swarm. */
  PENDING,
  ONLINE,
  /** The session is gone; what runs there is assumed to run on. */
  UNKNOWN,
  /** No heartbeat for longer than the timeout. */
  UNHEALTHY
}
