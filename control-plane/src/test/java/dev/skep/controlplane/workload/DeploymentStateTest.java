package dev.skep.controlplane.workload;

import static dev.skep.controlplane.workload.DeploymentState.BUILDING;
import static dev.skep.controlplane.workload.DeploymentState.CANCELLED;
import static dev.skep.controlplane.workload.DeploymentState.DEPLOYING;
import static dev.skep.controlplane.workload.DeploymentState.FAILED;
import static dev.skep.controlplane.workload.DeploymentState.PENDING;
import static dev.skep.controlplane.workload.DeploymentState.ROLLED_BACK;
import static dev.skep.controlplane.workload.DeploymentState.RUNNING;
import static dev.skep.controlplane.workload.DeploymentState.SUPERSEDED;
import static dev.skep.controlplane.workload.DeploymentState.VERIFYING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DeploymentStateTest {
  @Test
  void anEndIsForEver() {
    for (DeploymentState state : DeploymentState.values()) {
      for (DeploymentState next : DeploymentState.values()) {
        if (state.ended()) {
          assertThat(state.mayBecome(next)).as("%s to %s", state, next).isFalse();
        }
      }
    }
    assertThat(DeploymentState.values())
        .filteredOn(DeploymentState::ended)
        .containsExactlyInAnyOrder(RUNNING, FAILED, CANCELLED, ROLLED_BACK, SUPERSEDED);
  }

  @Test
  void statesOnlyMoveForward() {
    for (DeploymentState state : DeploymentState.values()) {
      for (DeploymentState next : DeploymentState.values()) {
        if (state.mayBecome(next)) {
          assertThat(next).as("%s to %s", state, next).isGreaterThan(state);
        }
      }
    }
  }

  @Test
  void nothingRunsUnverified() {
    assertThat(DeploymentState.values())
        .filteredOn(state -> state.mayBecome(RUNNING))
        .containsExactly(VERIFYING);
    assertThat(DeploymentState.values())
        .filteredOn(state -> state.mayBecome(VERIFYING))
        .containsExactly(DEPLOYING);
    assertThat(PENDING.mayBecome(BUILDING)).isTrue();
  }
}
