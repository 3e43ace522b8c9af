package dev.skep.bench;

import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.loop.LeaderLoop;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.ChangeFeed;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Placements per second: in memory, committed, and one at a time. */
@Command(
    name = "scheduler",
    description = "Placements per second in memory and committed, and the time that one takes.",
    mixinStandardHelpOptions = true)
final class SchedulerCommand implements Callable<Integer> {
  private static final int SINGLES = 200;

  @Option(
      names = "--part",
      split = ",",
      defaultValue = "memory,durable,single,pushed",
      description = "memory, durable, single, pushed; default: all")
  private List<String> parts = List.of();

  @Option(
      names = "--shape",
      split = ",",
      description = "of the part in memory, for example one-off-1k; default: all")
  private List<String> shapes = List.of();

  @Option(names = "--rounds", defaultValue = "7", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--workers",
      split = ",",
      defaultValue = "1000,10000",
      description = "of the durable part; default: ${DEFAULT-VALUE}")
  private List<Integer> workers = List.of();

  private final Report report = new Report();

  @Override
  public Integer call() throws RunnerException {
    Checkout checkout = Checkout.find();
    Surroundings.print(report, checkout);
    if (parts.contains("memory")) {
      memory();
    }
    for (int count : workers) {
      if (parts.contains("durable") || parts.contains("single")) {
        withPostgres(checkout, count);
      }
    }
    if (parts.contains("pushed")) {
      pushed(checkout);
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private void memory() throws RunnerException {
    List<Shape> chosen =
        Shape.ALL.stream()
            .filter(shape -> shapes.isEmpty() || shapes.contains(shape.name()))
            .toList();
    new MemoryBench(report, rounds).run(chosen);
  }

  private void withPostgres(Checkout checkout, int count) {
    var directory = checkout.runDirectory("scheduler-" + count);
    try (var postgres = new BenchDatabase(directory);
        var lease = new LeaderLease(postgres.database())) {
      postgres.workers(count);
      lease.start();
      report.say(
          "%nPostgreSQL, %d workers: synchronous_commit %s, fsync %s",
          count,
          postgres.list(String.class, "show synchronous_commit").getFirst(),
          postgres.list(String.class, "show fsync").getFirst());
      if (parts.contains("durable")) {
        durable(new DurableBench(postgres, lease));
      }
      if (parts.contains("single")) {
        single(postgres, lease);
      }
    }
  }

  /** The whole control plane, and an agent that hears of it. */
  private void pushed(Checkout checkout) {
    List<LostWorkerBench.Single> took = new ArrayList<>();
    try (var bench = new LostWorkerBench(checkout, "scheduler-pushed", 3)) {
      for (int i = 0; i < 2 * SINGLES; i++) {
        LostWorkerBench.Single one = bench.single();
        if (i >= SINGLES) {
          took.add(one);
        }
      }
    }
    report.head("one service on an idle control plane, ms");
    report.row("called -> answered", Samples.of(took, LostWorkerBench.Single::answered));
    report.row("called -> told to the agent", Samples.of(took, LostWorkerBench.Single::pushed));
    report.row("answered -> told to the agent", Samples.of(took, s -> s.pushed() - s.answered()));
  }

  private void durable(DurableBench bench) {
    compare(bench, "10,000 services x 1", 10_000, 1);
    compare(bench, "10 services x 1,000", 10, 1_000);
  }

  private void compare(DurableBench bench, String name, int services, int replicas) {
    int rows = services * replicas;
    List<DurableBench.Run> ours = new ArrayList<>();
    List<DurableBench.Run> keyed = new ArrayList<>();
    List<DurableBench.Run> bare = new ArrayList<>();
    for (int i = 0; i <= rounds; i++) {
      DurableBench.Run inserted = bench.inserted(rows);
      DurableBench.Run constrained = bench.keyed(rows);
      DurableBench.Run placed = bench.placed(services, replicas);
      if (i > 0) {
        bare.add(inserted);
        keyed.add(constrained);
        ours.add(placed);
      }
    }
    Samples placed = Samples.of(ours, DurableBench.Run::perSecond);
    Samples best = Samples.of(bare, DurableBench.Run::perSecond);
    report.say(
        "%-20s %,8.0f placements/s (%,.0f to %,.0f); inserts with keys %,8.0f, bare %,8.0f rows/s; %.3f x bare",
        name,
        placed.median(),
        placed.best(),
        placed.max(),
        Samples.of(keyed, DurableBench.Run::perSecond).median(),
        best.median(),
        placed.median() / best.max());
  }

  /**
   * One service at a time on an idle leader: from the call that wants it to the news of its
   * placement.
   */
  private void single(BenchDatabase postgres, LeaderLease lease) {
    postgres.clear();
    List<ServiceId> services = postgres.services(SINGLES, 1);
    // They are there but nobody has asked for them yet.
    postgres.execute("update container_services set wanted = 'STOPPED'");
    postgres.execute("update container_deployments set ended_at = now()");
    var state = new ClusterState(postgres.database(), lease, postgres.ids());
    var waiting = new AtomicReference<>(new CountDownLatch(1));
    List<Double> took = new ArrayList<>();
    try (var loop = new LeaderLoop(state, lease, InstantSource.system(), Duration.ofHours(1));
        var feed = new ChangeFeed(postgres.database().url())) {
      feed.subscribe(loop::changed);
      feed.subscribe(change -> told(change, waiting.get()));
      feed.start();
      loop.start();
      for (ServiceId service : services) {
        CountDownLatch news = new CountDownLatch(1);
        waiting.set(news);
        took.add(accept(postgres, service, news));
      }
    }
    long placed = postgres.number("select count(*) from placements");
    if (placed != SINGLES) {
      throw new IllegalStateException(placed + " of " + SINGLES + " placed");
    }
    report.head("one placement on an idle leader, ms");
    report.row("accepted -> committed and told", Samples.of(took, ms -> ms));
  }

  private static void told(Change change, CountDownLatch news) {
    if (change.topic() == Change.Topic.CLUSTER) {
      news.countDown();
    }
  }

  private static double accept(BenchDatabase postgres, ServiceId service, CountDownLatch news) {
    long start = System.nanoTime();
    postgres
        .database()
        .useTransaction(
            h -> {
              h.execute(
                  "update container_services set wanted = 'RUNNING' where id = ?", service.value());
              new Change(Change.Topic.SERVICE, service.value()).announce(h);
            });
    try {
      if (!news.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody was told of the placement of " + service);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return (System.nanoTime() - start) / 1e6;
  }
}
