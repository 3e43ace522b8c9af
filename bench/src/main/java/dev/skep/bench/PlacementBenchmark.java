package dev.skep.bench;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.FleetView;
import dev.skep.controlplane.schedule.ImageCopies;
import dev.skep.controlplane.schedule.Requirement;
import dev.skep.controlplane.schedule.Terms;
import dev.skep.controlplane.schedule.Want;
import dev.skep.controlplane.workload.Constraint;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** 10,000 placements in memory: decided, applied, and each told to a subscriber. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PlacementBenchmark {
  static final int PLACEMENTS = 10_000;

  @Param({"1000", "10000", "100000"})
  public int workers;

  @Param({"PLAIN", "THIRD", "HALF", "FULL"})
  public String variant = "PLAIN";

  private List<Worker> fleet = List.of();
  private Fleets.Variant hardness = Fleets.Variant.PLAIN;
  private FleetView view = view();
  private PlacedState state = new PlacedState();

  @Setup(Level.Trial)
  public void fleet() {
    hardness = Fleets.Variant.valueOf(variant);
    fleet = Fleets.workers(workers, hardness);
    state.close();
  }

  @Setup(Level.Invocation)
  public void fresh() {
    view = view();
    state = new PlacedState();
  }

  private FleetView view() {
    return new FleetView(fleet, Map.of(), Fleets.NOW, Fleets.TIMEOUT);
  }

  /** Each is a service of its own. */
  @Benchmark
  @OperationsPerInvocation(PLACEMENTS)
  public void oneOff() {
    for (int service = 0; service < PLACEMENTS; service++) {
      state.apply(service, view.place(want(1)));
    }
    state.close();
  }

  /** All of one service. */
  @Benchmark
  @OperationsPerInvocation(PLACEMENTS)
  public void grouped() {
    state.apply(0, view.place(want(PLACEMENTS)));
    state.close();
  }

  private Want want(int count) {
    List<Constraint> constraints = Constraint.parse(hardness.constraint).stream().toList();
    Requirement requirement =
        new Requirement(new Terms(Map.of(), constraints, Set.of()), Fleets.EACH, List.of());
    return new Want(count, requirement, Strategy.SPREAD, 0, ImageCopies.NONE, Map.of());
  }

  /** Everything is placed, where it may be, and equal workers have equal loads. */
  @TearDown(Level.Invocation)
  public void check() {
    Map<WorkerId, Integer> load = state.checked();
    int placed = 0;
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int i = 0; i < workers; i++) {
      int replicas = load.getOrDefault(Fleets.id(i), 0);
      placed += replicas;
      if (hardness.takes(i)) {
        least = Math.min(least, replicas);
        most = Math.max(most, replicas);
      } else if (replicas > 0) {
        throw new IllegalStateException("worker " + i + " must not have a replica");
      }
    }
    if (placed != PLACEMENTS || most - least > 1) {
      throw new IllegalStateException(placed + " placed, " + least + " to " + most + " each");
    }
  }
}
