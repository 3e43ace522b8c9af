package dev.skep.bench;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.schedule.FleetView;
import dev.skep.controlplane.schedule.ImageCopies;
import dev.skep.controlplane.schedule.Requirement;
import dev.skep.controlplane.schedule.Terms;
import dev.skep.controlplane.schedule.Want;
import dev.skep.controlplane.workload.Constraint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Placements in memory: decided, applied, and each told to a subscriber. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PlacementBenchmark {
  @Param("1000")
  public int workers;

  @Param("10000")
  public int services;

  @Param("1")
  public int replicas;

  @Param("PLAIN")
  public String variant = "PLAIN";

  private List<Worker> fleet = List.of();
  private Fleets.Variant hardness = Fleets.Variant.PLAIN;
  private List<Constraint> constraints = List.of();
  private FleetView view = view();
  private PlacedState state = new PlacedState();

  @Setup(Level.Trial)
  public void fleet() {
    hardness = Fleets.Variant.valueOf(variant);
    fleet = Fleets.workers(workers, hardness);
    constraints = Constraint.parse(hardness.constraint).stream().toList();
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

  @Benchmark
  public void place(Cost cost) {
    cost.start();
    for (int service = 0; service < services; service++) {
      state.apply(service, view.place(want(service)));
    }
    state.close();
    cost.end();
  }

  /** What a pass of the leader does before its first decision. */
  @Benchmark
  public FleetView look(Cost cost) {
    cost.start();
    FleetView fresh = view();
    cost.end();
    return fresh;
  }

  private Want want(int service) {
    Terms terms = new Terms(Map.of(), constraints, Set.of());
    Requirement requirement = new Requirement(terms, hardness.size(service), List.of());
    return new Want(replicas, requirement, hardness.strategy(), 0, ImageCopies.NONE, Map.of());
  }

  @TearDown(Level.Invocation)
  public void check() {
    if (state.events() > 0) {
      new Referee(hardness, workers).judge(state, services, replicas);
    } else {
      state.close();
    }
  }
}
