package dev.skep.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Placement;
import java.util.EnumSet;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Replicas whose new size does not fit where the old one runs. */
final class RetirementTest {
  private final ClusterModel model = new ClusterModel();
  private final WorkerId small = worker(1_000);
  private final ServiceId id = model.create(ClusterModel.spec(600, 1), 1);

  @Test
  void oneThatOutgrowsItsWorkerServesUntilItsSuccessorDoes() {
    settle();
    WorkerId large = worker(2_000);
    model.update(id, ClusterModel.spec(1_500, 1));

    step();
    assertThat(replicas()).as("both").isEqualTo(Map.of(small, 1, large, 1));
    step();
    assertThat(replicas()).as("the new one is not healthy yet").hasSize(2);
    model.perfectAgents();
    step();
    assertThat(replicas()).isEqualTo(Map.of(large, 1));
    settle();
    assertThat(model.service(id).active()).isEmpty();
    assertThat(model.plan(id).empty()).isTrue();
  }

  @Test
  void oneThatCannotServeIsNotWaitedFor() {
    settle();
    WorkerId large = worker(2_000);
    model.update(id, ClusterModel.spec(1_500, 1));
    step();
    model.lose(small);

    step();

    assertThat(replicas()).isEqualTo(Map.of(large, 1));
  }

  @Test
  void aCancelledReleaseGivesTheOldReplicasTheirPlaceBack() {
    settle();
    worker(2_000);
    model.update(id, ClusterModel.spec(1_500, 1));
    step();
    model.cancel(id);
    settle();

    assertThat(replicas()).isEqualTo(Map.of(small, 1));
    assertThat(model.service(id).target().number()).isEqualTo(1);
  }

  private void step() {
    model.apply(model.plan(id));
  }

  private void settle() {
    for (int i = 0; i < 12; i++) {
      step();
      model.perfectAgents();
      model.now = model.now.plusSeconds(2);
    }
  }

  private Map<WorkerId, Integer> replicas() {
    return model.service(id).placements().stream()
        .filter(p -> !p.removing())
        .collect(Collectors.toMap(Placement::worker, Placement::replicas));
  }

  private WorkerId worker(long cpu) {
    return model.addWorker(new Resources(cpu, 1L << 30), EnumSet.of(WorkerRole.RUN), Map.of());
  }
}
