package dev.skep.controlplane.fleet;

/** How the control plane sees a worker; derived from what is stored, never stored itself. */
public enum WorkerState {
  /** Enrolled, not yet a ready node of the Swarm. */
  PENDING,
  ONLINE,
  /** The session is gone; what runs there is assumed to run on. */
  UNKNOWN,
  /** No heartbeat for longer than the timeout, or the Swarm does not call it ready. */
  UNHEALTHY,
  /** The session is gone and the Swarm's managers say that it is down: what ran there does not. */
  LOST,
  /** Its replicas are moving away. */
  DRAINING,
  /** Nothing is left of them. */
  DRAINED,
  /** Given up for good; there until the Swarm has let go of its replicas. */
  REMOVED
}
