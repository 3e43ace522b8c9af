package dev.skep.testbed.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.e2e.Replicated.Member;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The leader is killed at each step of a deployment, frozen inside a transaction and cut off from
 * the database. Another leads within ten seconds, what was acknowledged is there, and nothing runs
 * twice.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FailoverTest {
  private static final Duration TAKEOVER = Must.seconds(10);
  private static final int REPLICAS = 2;
  private static final List<String> STEPS =
      List.of(
          "spec-committed",
          "plan-computed",
          "plan-committed",
          "assignment-read",
          "frame-sent",
          "status-received",
          "status-stored",
          "step-committed");

  @RegisterExtension private final Replicated skep = Replicated.start();

  private final Specs specs = new Specs(skep.lab().registry().address());
  private final Engines engines = new Engines(skep.lab());

  private String bystander = "";
  private List<Engines.Running> untouched = List.of();

  @AfterAll
  void close() {
    engines.close();
  }

  @BeforeAll
  void runABystander() {
    try (var api = new Api(skep.leader().process())) {
      bystander = api.run("bystander", specs.web("v1", 1).build()).getId();
      untouched = engines.running(bystander);
    }
  }

  @AfterEach
  void whatRunsIsNotTouched() {
    assertThat(engines.running(bystander)).hasSize(1).isEqualTo(untouched);
  }

  @Test
  @Order(1)
  void deploymentConvergesWhereverItsLeaderIsKilled() {
    for (String step : STEPS) {
      killedAt(step);
    }
  }

  private void killedAt(String step) {
    var leader = skep.leader();
    var other = skep.other(leader);
    long epoch = leader.process().lastEpoch();
    arm(leader, step, "halt");
    var request = request(step, specs.web("v1", REPLICAS).build());
    // What a client does whose first address is away: the same again elsewhere.
    if (!step.equals("spec-committed") || !accepted(leader, request)) {
      assertThat(accepted(other, request)).isTrue();
    }
    long killed = awaitExit(leader, step);
    skep.awaitLeads(other, epoch);
    report("killed at " + step, killed);
    leader.process().launch();
    try (var api = new Api(other.process())) {
      assertOnce(api.awaitRunning(step), engines);
      System.out.printf("  it runs after %d ms%n", millisSince(killed));
      api.delete(step);
    }
    leader.process().awaitReady();
  }

  @Test
  @Order(2)
  void frozenLeaderIsReplacedAndItsPlanIsVoid() {
    var leader = skep.leader();
    var other = skep.other(leader);
    long epoch = leader.process().lastEpoch();
    try (var writer = new Writer(other);
        var api = new Api(other.process())) {
      var held = arm(leader, "plan-computed", "pause").resolveSibling("plan-computed.paused");
      api.create("frozen", specs.web("v1", REPLICAS).build());
      Await.seconds(10).every(Duration.ofMillis(5)).until("it holds", () -> Files.exists(held));
      leader.process().signal("STOP");
      long frozen = System.nanoTime();
      skep.awaitLeads(other, epoch);
      report("frozen in a transaction", frozen);
      var service = api.awaitRunning("frozen");
      System.out.printf("  it runs after %d ms%n", millisSince(frozen));
      delete(held);
      leader.process().signal("CONT");
      try (var woken = new Api(leader.process())) {
        Await.seconds(20)
            .until(
                "the woken one serves", () -> woken.get("frozen").getId().equals(service.getId()));
      }
      assertOnce(service, engines);
      writer.stop();
      writer.assertNothingLost(api);
      assertThat(skep.leader()).isEqualTo(other);
      api.delete("frozen");
    }
  }

  @Test
  @Order(3)
  void leaderThatIsCutOffFromTheDatabaseIsReplaced() {
    var leader = skep.leader();
    var other = skep.other(leader);
    long epoch = leader.process().lastEpoch();
    try (var writer = new Writer(leader, other);
        var api = new Api(other.process())) {
      api.create("cut-off", specs.web("v1", REPLICAS).build());
      leader.database().cut();
      long cut = System.nanoTime();
      skep.awaitLeads(other, epoch);
      report("cut off from the database", cut);
      var service = api.awaitRunning("cut-off");
      System.out.printf("  it runs after %d ms%n", millisSince(cut));
      api.run("meanwhile", specs.web("v1", 1).build());
      leader.database().heal();
      try (var healed = new Api(leader.process())) {
        Await.seconds(60).until("the healed one serves", () -> healed.listServices().size() > 1);
        assertOnce(healed.get("cut-off"), engines);
      }
      assertOnce(service, engines);
      writer.stop();
      writer.assertNothingLost(api);
    }
  }

  /** Exactly the wanted replicas, of one Swarm service, and none that was ever replaced. */
  private static void assertOnce(Service service, Engines engines) {
    int wanted = service.getSpec().getReplicas();
    assertThat(engines.running(service.getId())).hasSize(wanted);
    var swarm = engines.swarmServices(service.getId());
    assertThat(swarm).hasSize(1);
    var spec = requireNonNull(swarm.getFirst().getSpec());
    assertThat(spec.getLabels()).containsEntry("dev.skep.generation", "1");
    assertThat(
            engines
                .onManager()
                .listTasksCmd()
                .withServiceFilter(requireNonNull(spec.getName()))
                .exec())
        .as("tasks that there ever were of " + service.getName())
        .hasSize(wanted);
  }

  private static CreateServiceRequest request(String name, ServiceSpec spec) {
    return CreateServiceRequest.newBuilder()
        .setName(name)
        .setSpec(spec)
        .setRequestId(UUID.randomUUID().toString())
        .build();
  }

  private static boolean accepted(Member member, CreateServiceRequest request) {
    try (var api = new Api(member.process())) {
      return api.services().createService(request).getService().getName().equals(request.getName());
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      return false;
    }
  }

  private static java.nio.file.Path arm(Member member, String step, String wish) {
    var file = member.failpoints().resolve(step);
    try {
      var hidden = Files.writeString(member.failpoints().resolve("new"), wish);
      return Files.move(hidden, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(java.nio.file.Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long awaitExit(Member member, String step) {
    Await.seconds(30)
        .every(Duration.ofMillis(5))
        .until(member.name() + " dies at " + step, () -> !member.process().isAlive());
    return System.nanoTime();
  }

  private static void report(String what, long since) {
    long took = millisSince(since);
    System.out.printf("leader %s: another leads after %d ms%n", what, took);
    assertThat(Duration.ofMillis(took)).as(what).isLessThanOrEqualTo(TAKEOVER);
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  /**
   * Creates services that no worker takes, one after the other, and remembers which were
   * acknowledged.
   */
  private final class Writer implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final List<Api> apis;
    private final Thread thread = Thread.ofVirtual().name("writer").unstarted(this::run);
    private volatile boolean stopped;

    Writer(Member... members) {
      this.apis = List.of(members).stream().map(m -> new Api(m.process())).toList();
      thread.start();
    }

    private void run() {
      var spec = specs.web("v1", 1).putAllWorkerLabels(Map.of("no", "worker")).build();
      while (!stopped) {
        int number = NUMBER.incrementAndGet();
        var request = request("w-" + number, spec);
        try {
          var _ =
              apis.get(number % apis.size())
                  .services()
                  .withDeadlineAfter(1, TimeUnit.SECONDS)
                  .createService(request);
          acknowledged.add(request.getName());
          Thread.sleep(200);
        } catch (StatusRuntimeException e) {
          // Not acknowledged: it may exist or not.
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    void stop() {
      stopped = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    void assertNothingLost(Api api) {
      assertThat(acknowledged).hasSizeGreaterThan(3);
      var names = new HashSet<String>();
      var page = ListServicesRequest.newBuilder().setPageSize(200);
      do {
        var answer = api.services().listServices(page.build());
        answer.getServicesList().forEach(service -> names.add(service.getName()));
        page.setPageToken(answer.getNextPageToken());
      } while (!page.getPageToken().isEmpty());
      assertThat(names).containsAll(acknowledged);
      System.out.printf(
          "  %d creations were acknowledged meanwhile and are there%n", acknowledged.size());
    }

    @Override
    public void close() {
      stop();
      apis.forEach(Api::close);
    }
  }
}
