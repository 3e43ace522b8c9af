package dev.skep.controlplane.workload;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** States of a deployment; they only move forward, along this table (docs/lifecycle.md). */
public enum DeploymentState {
  PENDING,
  BUILDING,
  DEPLOYING,
  VERIFYING,
  RUNNING,
  FAILED,
  CANCELLED,
  ROLLED_BACK,
  SUPERSEDED;

  private static final Map<DeploymentState, Set<DeploymentState>> NEXT =
      new EnumMap<>(
          Map.of(
              PENDING, EnumSet.of(BUILDING, DEPLOYING, FAILED, CANCELLED, SUPERSEDED),
              BUILDING, EnumSet.of(DEPLOYING, FAILED, CANCELLED, SUPERSEDED),
              DEPLOYING, EnumSet.of(VERIFYING, FAILED, CANCELLED, ROLLED_BACK, SUPERSEDED),
              VERIFYING, EnumSet.of(RUNNING, FAILED, CANCELLED, ROLLED_BACK, SUPERSEDED)));

  public boolean ended() {
    return !NEXT.containsKey(this);
  }

  public boolean mayBecome(DeploymentState next) {
    return NEXT.getOrDefault(this, Set.of()).contains(next);
  }

  /** The word in tables, events and APIs. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
