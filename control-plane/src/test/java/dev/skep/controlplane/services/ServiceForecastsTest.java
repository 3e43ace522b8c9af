package dev.skep.controlplane.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.FieldMask;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.forecast.Forecasts;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.reconcile.Forecast;
import dev.skep.controlplane.reconcile.Reconciler;
import dev.skep.controlplane.schedule.Rejection;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.Resources;
import dev.skep.v1.ServiceSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ServiceForecastsTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final TestDatabase test = TestDatabase.create();
  private final StubRegistry registry = new StubRegistry();
  private final OrganizationId one = test.addOrganization("one");
  private final LeaderLease lease = new LeaderLease(test.database());
  private final ClusterState state = new ClusterState(test.database(), lease, test.ids());
  private final ImageResolver images = new ImageResolver(Set.of());
  private final ServicesService services =
      new ServicesService(
          test.database(),
          test.ids(),
          images,
          new NetworkAllocator("10.100.0.0/14", test.ids()),
          new Funds(false));
  private final Forecasts forecasts = new Forecasts(state, InstantSource.system(), TIMEOUT);
  private final ServiceForecasts planned =
      new ServiceForecasts(services, images, forecasts, test.ids());
  private final WorkerId first = test.addWorker("w1");
  private final WorkerId second = test.addWorker("w2");

  @BeforeEach
  void lead() {
    lease.start();
  }

  @AfterEach
  void close() {
    lease.close();
    registry.close();
    test.close();
  }

  @Test
  void aPlannedServiceComesToBeAsPlannedAndNothingIsWrittenBefore() {
    ServiceForecasts.Plan plan = planned.plan(one, create("api", 3, 1_000));

    assertThat(test.number("select count(*) from container_services")).isZero();
    assertThat(test.number("select count(*) from releases")).isZero();
    assertThat(plan.creates()).isTrue();
    assertThat(plan.newRelease()).isTrue();
    assertThat(plan.digest()).isEqualTo(StubRegistry.digestOf('a'));
    assertThat(plan.forecast().decision().missing()).isZero();
    assertThat(really("api", 3, 1_000)).isEqualTo(plan.forecast().after());
  }

  @Test
  void whatIsTooBigForEveryWorkerIsCountedByRule() {
    test.execute("update container_workers set availability = 'CORDONED' where name = 'w2'");

    Forecast forecast = planned.plan(one, create("api", 2, 3_000)).forecast();

    assertThat(forecast.after()).containsExactly(Map.entry(first, 1));
    assertThat(forecast.decision().missing()).isEqualTo(1);
    assertThat(forecast.decision().rejections())
        .extracting(Rejection::rule)
        .containsExactly("cordoned", "cpu");
    assertThat(forecast.waitingFor())
        .isEqualTo(
            "1 of 2 replicas have no worker; 2 workers: 1 cordoned, 1 lacks 3.0 CPU (largest free:"
                + " 1.0 CPU)");
  }

  @Test
  void anUpdateSaysWhatIsReplacedAndWhetherThereIsANewRelease() {
    really("api", 2, 1_000);

    ServiceForecasts.Plan more = planned.plan(one, update("api", spec(4, 1_000), "replicas"));
    ServiceForecasts.Plan bigger = planned.plan(one, update("api", spec(2, 1_500), "resources"));

    assertThat(more.newRelease()).isFalse();
    assertThat(more.forecast().replaced()).isEmpty();
    assertThat(more.forecast().after()).containsOnly(Map.entry(first, 2), Map.entry(second, 2));
    assertThat(bigger.newRelease()).isTrue();
    assertThat(bigger.forecast().replaced()).containsOnly(first, second);
    assertThat(test.number("select count(*) from releases")).isEqualTo(1);
    assertThat(services.get(one, "api").replicas()).isEqualTo(2);
  }

  @Test
  void aPlanRefusesWhatTheRealCallRefuses() {
    really("api", 1, 100);

    refused(Reason.NAME_TAKEN, () -> planned.plan(one, create("api", 1, 100)));
    refused(Reason.INVALID_FIELD, () -> planned.plan(one, create("Not a name", 0, 1)));
    refused(
        Reason.SERVICE_NOT_FOUND,
        () -> planned.plan(one, update("other", spec(2, 100), "replicas")));
    refused(
        Reason.SERVICE_NOT_FOUND,
        () -> planned.plan(test.addOrganization("two"), update("api", spec(2, 100), "replicas")));
  }

  @Test
  void anExplanationCountsTheRoomThatIsLeft() {
    really("api", 2, 1_000);

    Forecast forecast = planned.asIs(services.get(one, "api"));

    assertThat(forecast.before()).isEqualTo(forecast.after()).hasSize(2);
    assertThat(forecast.waitingFor()).isEmpty();
    assertThat(forecast.room().added().values().stream().mapToInt(n -> n).sum()).isEqualTo(6);
    assertThat(forecast.room().rejections())
        .extracting(Rejection::sentence)
        .containsExactly("2 lack 1.0 CPU (largest free: 0.0 CPU)");
  }

  @Test
  void theLossOfAWorkerPromisesNoRoomTwice() {
    really("api", 2, 2_000);
    really("web", 2, 1_500);

    List<Forecast> loss = forecasts.loss(first);

    assertThat(loss).extracting(f -> f.view().name()).containsExactly("api", "web");
    assertThat(loss).allMatch(f -> f.after().getOrDefault(first, 0) == 0);
    assertThat(loss.stream().mapToInt(f -> f.decision().missing()).sum()).isEqualTo(2);
    assertThat(test.number("select count(*) from placements where removing")).isZero();
  }

  /** Creates it and lets the leader place it. */
  private Map<WorkerId, Integer> really(String name, int replicas, long cpu) {
    ServiceRecord created =
        services.create(
            one,
            CreateServiceRequest.newBuilder().setName(name).setSpec(spec(replicas, cpu)).build());
    ServiceId id = created.id();
    state.advance(
        List.of(id),
        snapshot -> {
          var situation = snapshot.situation(test.cluster(), Instant.now(), TIMEOUT);
          return snapshot.services().stream().map(v -> Reconciler.step(v, situation)).toList();
        });
    Map<WorkerId, Integer> placed = new HashMap<>();
    for (WorkerId worker : List.of(first, second)) {
      UUID value = worker.value();
      test.list(
              Integer.class,
              "select replicas from placements where service_id = ? and worker_id = ?",
              id.value(),
              value)
          .forEach(n -> placed.put(worker, n));
    }
    return placed;
  }

  private PlanServiceRequest create(String name, int replicas, long cpu) {
    return PlanServiceRequest.newBuilder().setService(name).setSpec(spec(replicas, cpu)).build();
  }

  private static PlanServiceRequest update(String name, ServiceSpec spec, String path) {
    return PlanServiceRequest.newBuilder()
        .setService(name)
        .setSpec(spec)
        .setUpdateMask(FieldMask.newBuilder().addPaths(path))
        .build();
  }

  private ServiceSpec spec(int replicas, long cpu) {
    return ServiceSpec.newBuilder()
        .setImage(registry.image("app:1"))
        .setReplicas(replicas)
        .setResources(Resources.newBuilder().setCpuMillis(cpu))
        .build();
  }

  private static void refused(Reason reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
