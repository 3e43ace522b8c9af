package dev.skep.controlplane.workload;

/** How far an agent is with one object. */
public enum ObjectState {
  PENDING,
  APPLIED,
  FAILED,
  REMOVED
}
