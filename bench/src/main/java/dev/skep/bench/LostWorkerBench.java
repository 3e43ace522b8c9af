package dev.skep.bench;

import dev.skep.controlplane.db.Database;
import dev.skep.testbed.Await;
import dev.skep.v1.Resources;
import dev.skep.v1.ServiceSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * A worker with many services dies: the whole control plane, real sessions, no engines. Everything
 * of one cluster goes through the agent that manages the Swarm.
 */
final class LostWorkerBench implements AutoCloseable {
  private static final Duration OFTEN = Duration.ofMillis(1);
  private static final int CALLERS = 8;
  private static final String IMAGE = "registry.example.com/app@sha256:" + "0".repeat(64);

  private final ControlPlaneProcess controlPlane;
  private final Api api;
  private final SimulatedCluster cluster;
  private final Database database;
  private int number;

  LostWorkerBench(Checkout checkout, String benchmark, int workers) {
    controlPlane = ControlPlaneProcess.alone(checkout, checkout.runDirectory(benchmark));
    api = new Api(controlPlane.port(), controlPlane.token());
    database = Database.vital(controlPlane.database());
    cluster = new SimulatedCluster(controlPlane, api, workers);
    api.awaitWorkers(workers);
    // So that every worker has the image.
    create(workers);
    api.awaitAllRunning(Duration.ofMillis(50));
  }

  /** Milliseconds after both witnesses were heard: agent gone, node down. */
  record Took(int services, double gone, double committed, double delivered) {}

  /** Puts services on the last worker and lets it die; the Swarm says that it is down first. */
  Took lose(int services) {
    int lost = cluster.size() - 1;
    fill(lost, services);
    long all = replicasOn(lost);
    cluster.swarmSays(lost, "down");
    awaitDatabase("select count(*) from container_workers where swarm_node_state = 'down'", 1);
    long start = System.nanoTime();
    cluster.kill(lost);
    awaitDatabase("select count(*) from container_workers where not connected", 1);
    long gone = System.nanoTime();
    // In the same transaction others come in their place; the agent soon has them forgotten.
    awaitDatabase(
        "select count(*) from placements where not removing and worker_id ="
            + " (select id from container_workers where not connected)",
        0);
    long committed = System.nanoTime();
    long delivered = awaitDelivery(start, services);
    check(all);
    comeBack(lost);
    return new Took(
        services, (gone - start) / 1e6, (committed - gone) / 1e6, (delivered - gone) / 1e6);
  }

  private void fill(int worker, int services) {
    others(worker).forEach(i -> api.cordon(cluster.name(i)));
    try (var threads = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> calls =
          IntStream.range(0, services)
              .<Future<?>>mapToObj(i -> threads.submit(() -> create(1)))
              .toList();
      for (Future<?> call : calls) {
        call.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a service could not be created", e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    awaitSettled();
    others(worker).forEach(i -> api.uncordon(cluster.name(i)));
    awaitSettled();
  }

  private IntStream others(int worker) {
    return IntStream.range(0, cluster.size()).filter(i -> i != worker);
  }

  private void create(int replicas) {
    String name;
    synchronized (this) {
      name = "s" + ++number;
    }
    api.create(
        name,
        ServiceSpec.newBuilder()
            .setImage(IMAGE)
            .setReplicas(replicas)
            .setResources(Resources.newBuilder().setCpuMillis(10).setMemoryBytes(16 << 20))
            .build());
  }

  /** Nothing is under way, and nobody works on anything. */
  private void awaitSettled() {
    awaitDatabase("select count(*) from container_deployments where ended_at is null", 0);
    awaitDatabase("select count(*) from placements where removing", 0);
  }

  private long replicasOn(int worker) {
    return number(
        "select count(*) from placements p join container_workers w on w.id = p.worker_id"
            + " where w.name = '"
            + cluster.name(worker)
            + "'");
  }

  /**
   * The replica of the first service goes where another one of it is, which is no new placement.
   */
  private long awaitDelivery(long start, int services) {
    Await.seconds(60)
        .every(OFTEN)
        .until("the owner hears of all placements", () -> told(start).size() == services);
    return told(start).stream().mapToLong(SimulatedAgent.Told::nanos).max().orElseThrow();
  }

  private List<SimulatedAgent.Told> told(long start) {
    return cluster.owner().placements().stream().filter(told -> told.nanos() > start).toList();
  }

  /** Every replica is in one place, on another worker, and those have equal numbers. */
  private void check(long moved) {
    long twice =
        number(
            "select count(*) from (select service_id from placements where not removing"
                + " group by service_id having sum(replicas) <> (select replicas from"
                + " container_services where id = service_id)) s");
    long uneven =
        number(
            "select max(n) - min(n) from (select (select coalesce(sum(p.replicas), 0) from placements p"
                + " where p.worker_id = w.id and not p.removing) as n from container_workers w"
                + " where w.connected) s");
    if (twice > 0 || uneven > 1) {
      throw new IllegalStateException(
          "%d moved, %d services with another number of replicas, uneven by %d"
              .formatted(moved, twice, uneven));
    }
  }

  private void comeBack(int lost) {
    awaitSettled();
    cluster.start(lost);
    cluster.swarmSays(lost, "ready");
    api.awaitWorkers(cluster.size());
    api.list().stream()
        .filter(service -> service.getSpec().getReplicas() == 1)
        .forEach(service -> api.delete(service.getName()));
    awaitDatabase("select count(*) from container_services", 1);
  }

  /** A service on an idle control plane: milliseconds from the call. */
  record Single(double answered, double pushed) {}

  Single single() {
    String name = "s" + (number + 1);
    long start = System.nanoTime();
    create(1);
    double answered = (System.nanoTime() - start) / 1e6;
    SimulatedAgent.Told told =
        Await.seconds(10)
            .every(OFTEN)
            .until("the owner hears of " + name, () -> find(name), Optional::isPresent)
            .orElseThrow();
    return new Single(answered, (told.nanos() - start) / 1e6);
  }

  private Optional<SimulatedAgent.Told> find(String service) {
    return cluster.owner().placements().stream()
        .filter(told -> told.service().equals(service))
        .findFirst();
  }

  private void awaitDatabase(String sql, long value) {
    Await.seconds(300).every(OFTEN).until(sql, () -> number(sql), n -> n == value);
  }

  private long number(String sql) {
    return database.read(h -> h.createQuery(sql).mapTo(Long.class).one());
  }

  @Override
  public void close() {
    cluster.close();
    database.close();
    api.close();
    controlPlane.close();
  }
}
