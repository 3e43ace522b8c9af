package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServicePolicy.DataPromise;
import dev.skep.controlplane.workload.ServicePolicy.Migration;
import dev.skep.controlplane.workload.ServicePolicy.Rollout;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.v1.MigrationPolicy;
import dev.skep.v1.PlacementStrategy;
import dev.skep.v1.RolloutPolicy;
import dev.skep.v1.ServiceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The part of a spec that concerns the system and not the containers. */
final class PolicyProtos {
  /** Fields of a spec that make no release. */
  static final Set<String> FIELDS =
      Set.of("rollout", "migration", "data_promise", "strategy", "max_per_worker");

  private static final Duration MAX_MONITOR = Duration.ofHours(1);
  private static final Duration MIN_DEADLINE = Duration.ofSeconds(10);
  private static final Duration MAX_DEADLINE = Duration.ofHours(24);

  private PolicyProtos() {}

  /**
   * The policy, when it breaks no rule.
   *
   * @param wrong gets the rules that it breaks
   */
  static ServicePolicy toDomain(ServiceSpec spec, List<FieldViolation> wrong) {
    if (spec.getMigration() == MigrationPolicy.UNRECOGNIZED) {
      wrong.add(new FieldViolation("spec.migration", "is unknown; use AUTOMATIC, MANUAL or NONE"));
    }
    if (spec.getDataPromise() == dev.skep.v1.DataPromise.UNRECOGNIZED) {
      wrong.add(new FieldViolation("spec.data_promise", "is unknown; use KEPT or MAY_BE_LOST"));
    }
    if (spec.getStrategy() == PlacementStrategy.UNRECOGNIZED) {
      wrong.add(new FieldViolation("spec.strategy", "is unknown; use SPREAD or BINPACK"));
    }
    if (spec.getMaxPerWorker() < 0 || spec.getMaxPerWorker() > SpecRules.MAX_REPLICAS) {
      wrong.add(
          new FieldViolation(
              "spec.max_per_worker",
              spec.getMaxPerWorker()
                  + " is out of range; use 1 to "
                  + SpecRules.MAX_REPLICAS
                  + ", or 0 for any number"));
    }
    wrong.addAll(rules(spec.getRollout()));
    return wrong.isEmpty()
        ? new ServicePolicy(
            strategy(spec),
            migration(spec),
            promise(spec),
            rollout(spec.getRollout()),
            spec.getMaxPerWorker())
        : ServicePolicy.DEFAULT;
  }

  private static List<FieldViolation> rules(RolloutPolicy rollout) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (rollout.getMaxParallel() < 0 || rollout.getMaxParallel() > SpecRules.MAX_REPLICAS) {
      wrong.add(
          new FieldViolation(
              "spec.rollout.max_parallel",
              rollout.getMaxParallel() + " is out of range; use 1 to " + SpecRules.MAX_REPLICAS));
    }
    if (rollout.hasMonitor()) {
      range(
          "monitor", SpecProtos.duration(rollout.getMonitor()), Duration.ZERO, MAX_MONITOR, wrong);
    }
    if (rollout.hasDeadline()) {
      range(
          "deadline",
          SpecProtos.duration(rollout.getDeadline()),
          MIN_DEADLINE,
          MAX_DEADLINE,
          wrong);
    }
    return wrong;
  }

  private static void range(
      String field, Duration value, Duration min, Duration max, List<FieldViolation> wrong) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      wrong.add(
          new FieldViolation(
              "spec.rollout." + field,
              value.toMillis() / 1000.0
                  + " s is out of range; use "
                  + min.toSeconds()
                  + " to "
                  + max.toSeconds()
                  + " s"));
    }
  }

  private static Strategy strategy(ServiceSpec spec) {
    return spec.getStrategy() == PlacementStrategy.PLACEMENT_STRATEGY_BINPACK
        ? Strategy.BINPACK
        : Strategy.SPREAD;
  }

  private static Migration migration(ServiceSpec spec) {
    return switch (spec.getMigration()) {
      case MIGRATION_POLICY_MANUAL -> Migration.MANUAL;
      case MIGRATION_POLICY_NONE -> Migration.NONE;
      case MIGRATION_POLICY_UNSPECIFIED, MIGRATION_POLICY_AUTOMATIC, UNRECOGNIZED ->
          Migration.AUTOMATIC;
    };
  }

  private static DataPromise promise(ServiceSpec spec) {
    return spec.getDataPromise() == dev.skep.v1.DataPromise.DATA_PROMISE_MAY_BE_LOST
        ? DataPromise.MAY_BE_LOST
        : DataPromise.KEPT;
  }

  private static Rollout rollout(RolloutPolicy rollout) {
    return new Rollout(
        rollout.getMaxParallel(),
        rollout.hasMonitor() ? SpecProtos.duration(rollout.getMonitor()) : null,
        rollout.hasDeadline() ? SpecProtos.duration(rollout.getDeadline()) : null,
        rollout.getKeepFailed());
  }

  static void addTo(ServiceSpec.Builder spec, ServicePolicy policy) {
    RolloutPolicy.Builder rollout =
        spec.getRolloutBuilder()
            .setMaxParallel(policy.rollout().maxParallel())
            .setKeepFailed(policy.rollout().keepFailed());
    Duration monitor = policy.rollout().monitor();
    if (monitor != null) {
      rollout.setMonitor(SpecProtos.duration(monitor));
    }
    Duration deadline = policy.rollout().deadline();
    if (deadline != null) {
      rollout.setDeadline(SpecProtos.duration(deadline));
    }
    spec.setMigration(MigrationPolicy.valueOf("MIGRATION_POLICY_" + policy.migration()))
        .setDataPromise(dev.skep.v1.DataPromise.valueOf("DATA_PROMISE_" + policy.dataPromise()))
        .setStrategy(PlacementStrategy.valueOf("PLACEMENT_STRATEGY_" + policy.strategy()))
        .setMaxPerWorker(policy.maxPerWorker());
  }
}
