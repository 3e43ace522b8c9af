package dev.skep.controlplane.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ServiceChange;
import dev.skep.controlplane.reconcile.ServicePlan;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.workload.Wanted;
import dev.skep.v1.Exposure;
import dev.skep.v1.Port;
import dev.skep.v1.Resources;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.VolumeMount;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever users and the leader do, what is used is what the services say. */
final class QuotaPropertyTest {
  private static final long VOLUME = 10L << 30;
  private static final int STEPS = 120;
  private static final SimulatedUsers.Registries REGISTRIES = new SimulatedUsers.Registries();

  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId acme = test.addOrganization("acme");
  private final WorkerId worker = test.addWorker("w1");
  private final SimulatedUsers users =
      new SimulatedUsers(test.database(), test.ids(), acme, REGISTRIES);
  private final LeaderLease lease = new LeaderLease(test.database());
  private final ClusterState state = new ClusterState(test.database(), lease, test.ids());

  @AfterEach
  void close() {
    lease.close();
    test.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatIsUsedIsWhatTheServicesSay(long seed) {
    Random random = new Random(seed);
    lease.start();
    test.execute("update quotas set amount = 12 where resource = 'REPLICAS'");
    int refused = 0;
    for (int step = 0; step < STEPS; step++) {
      String what = "nothing";
      try {
        what = step(random);
      } catch (Refusal e) {
        refused++;
      }
      Map<String, Long> used =
          amounts("select resource, used as amount from quotas where used > 0");
      assertThat(used).as("step %d: %s", step, what).isEqualTo(expected());
      assertThat(amounts("select resource, amount from quota_truth where amount > 0"))
          .as("step %d: %s", step, what)
          .isEqualTo(used);
    }
    assertThat(refused).as("some were refused, and took nothing").isPositive();
  }

  @Test
  void aServiceThatIsGoneLeavesOnlyItsData() {
    lease.start();
    users.create("db", spec(new Random(1), 1, true));
    tie();
    users.delete("db");
    assertThat(amounts("select resource, used as amount from quotas where used > 0"))
        .containsOnlyKeys("SERVICES", "STORAGE");
    purge();
    assertThat(amounts("select resource, used as amount from quotas where used > 0"))
        .isEqualTo(Map.of("STORAGE", VOLUME));
    test.execute("delete from volumes");
    assertThat(amounts("select resource, used as amount from quotas where used > 0")).isEmpty();
  }

  private String step(Random random) {
    String name = "s" + random.nextInt(4);
    int kind = random.nextInt(13);
    switch (kind) {
      case 0, 1 -> users.create(name, spec(random, 1 + random.nextInt(3), random.nextInt(3) == 0));
      case 2 -> users.update(name, "resources", spec(random, 1, false));
      case 3 -> users.update(name, "volumes", spec(random, 1, random.nextBoolean()));
      case 4 -> users.scale(name, 1 + random.nextInt(6));
      case 5 -> users.stop(name);
      case 6 -> users.start(name);
      case 7 -> users.rollBack(name);
      case 8 -> users.delete(name);
      case 9 -> purge();
      case 10 -> tie();
      case 11 -> test.execute("delete from volumes where kept_since is not null");
      default -> leader(name, random);
    }
    return kind + " of " + name;
  }

  /** What the leader does of itself. */
  private void leader(String name, Random random) {
    test.execute("update container_deployments set ended_at = now(), state = 'FAILED'");
    change(
        "select id from container_services where name = '" + name + "'",
        switch (random.nextInt(4)) {
          case 0 -> new ServiceChange.Stop();
          case 1 -> new ServiceChange.ScaleBack(1 + random.nextInt(3));
          case 2 -> new ServiceChange.LeaveVolumes(worker, "a test");
          default -> new ServiceChange.WaitFor("");
        });
  }

  private void purge() {
    change("select id from container_services where wanted = 'DELETED'", new ServiceChange.Purge());
  }

  private void change(String which, ServiceChange change) {
    List<ServiceId> services = test.list(UUID.class, which).stream().map(ServiceId::new).toList();
    state.advance(
        services,
        snapshot ->
            snapshot.services().stream()
                .map(
                    view ->
                        new ServicePlan(
                            view, List.of(), List.of(), List.of(), List.of(change), Set.of()))
                .toList());
  }

  /** Volumes are somewhere, as when replicas are placed. */
  private void tie() {
    test.execute(
        """
        insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)
        select gen_random_uuid(), s.organization_id, s.cluster_id, s.id, s.name, v ->> 'name', ?, 'w1'
        from container_services s join releases r on r.id = s.release_id, jsonb_array_elements(r.spec -> 'volumes') v
        where s.wanted = 'RUNNING'
        on conflict (service_id, name) where kept_since is null do nothing
        """,
        worker.value());
  }

  private static ServiceSpec spec(Random random, int replicas, boolean volume) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder()
            .setImage("127.0.0.1:1/app@sha256:" + "a".repeat(64))
            .setReplicas(volume ? 1 : replicas)
            .setResources(
                Resources.newBuilder()
                    .setCpuMillis(100L * (1 + random.nextInt(5)))
                    .setMemoryBytes((64L << 20) * (1L + random.nextInt(3))));
    if (random.nextBoolean()) {
      spec.addPorts(
          Port.newBuilder()
              .setContainerPort(80)
              .setExposure(Exposure.EXPOSURE_HOST)
              .setHostPort(8000 + random.nextInt(1000)));
    }
    if (volume) {
      spec.addVolumes(VolumeMount.newBuilder().setName("v" + random.nextInt(2)).setPath("/data"));
    }
    return spec.build();
  }

  /** Counted in Java, from what the API would show. */
  private Map<String, Long> expected() {
    Map<String, Long> sum = new TreeMap<>();
    List<ServiceRecord> all =
        test.database().read(h -> new ServiceStore(h, acme).list("", "", Optional.empty(), 200));
    for (ServiceRecord service : all) {
      add(sum, "SERVICES", 1);
      var spec = service.release().spec();
      int replicas = service.wanted() == Wanted.RUNNING ? service.replicas() : 0;
      add(sum, "REPLICAS", replicas);
      add(sum, "CPU", replicas * spec.resources().cpuMillis());
      add(sum, "MEMORY", replicas * spec.resources().memoryBytes());
      add(sum, "PORTS", (long) replicas * spec.hostPorts().size());
      Set<String> bound =
          new HashSet<>(
              test.list(
                  String.class,
                  "select name from volumes where service_id = ? and kept_since is null",
                  service.id().value()));
      add(
          sum,
          "STORAGE",
          VOLUME * spec.volumes().stream().filter(v -> !bound.contains(v.name())).count());
    }
    add(sum, "STORAGE", VOLUME * test.number("select count(*) from volumes"));
    return sum;
  }

  private static void add(Map<String, Long> sum, String resource, long amount) {
    if (amount != 0) {
      sum.merge(resource, amount, Long::sum);
    }
  }

  private Map<String, Long> amounts(String sql) {
    Map<String, Long> amounts = new TreeMap<>();
    test.database()
        .read(
            h ->
                h.createQuery(sql)
                    .map((row, c) -> Map.entry(row.getString("resource"), row.getLong("amount")))
                    .list())
        .forEach(entry -> amounts.put(entry.getKey(), entry.getValue()));
    return amounts;
  }
}
