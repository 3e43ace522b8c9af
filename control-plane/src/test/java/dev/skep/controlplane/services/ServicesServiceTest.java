package dev.skep.controlplane.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.FieldMask;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.Wanted;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.UpdateServiceRequest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ServicesServiceTest {
  private final TestDatabase test = TestDatabase.create();
  private final StubRegistry registry = new StubRegistry();
  private final OrganizationId one = test.addOrganization("one");
  private final OrganizationId two = test.addOrganization("two");
  private final ServicesService services = services("10.100.0.0/14");

  @AfterEach
  void close() {
    registry.close();
    test.close();
  }

  @Test
  void aNewServiceIsWantedWithItsFirstDeployment() {
    ServiceRecord created = services.create(one, request("api").build());

    assertThat(created.wanted()).isEqualTo(Wanted.RUNNING);
    assertThat(created.replicas()).isEqualTo(1);
    assertThat(created.release().number()).isEqualTo(1);
    assertThat(created.release().imageDigest()).isEqualTo(StubRegistry.digestOf('a'));
    assertThat(created.activeDeployment()).isNotEmpty();
    assertThat(services.get(one, "api").id()).isEqualTo(created.id());
    assertThat(services.get(one, created.id().toString()).name()).isEqualTo("api");
    assertThat(events(created)).containsExactly("deployment_pending");
  }

  @Test
  void oneOfTwentyGetsTheName() throws Exception {
    Collection<String> answers = new ConcurrentLinkedQueue<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor.invokeAll(
          IntStream.range(0, 20)
              .<Callable<Boolean>>mapToObj(
                  i ->
                      () -> {
                        try {
                          services.create(one, request("api").build());
                          return answers.add("created");
                        } catch (Refusal e) {
                          return answers.add(e.reason().name());
                        }
                      })
              .toList());
    }

    assertThat(answers)
        .hasSize(20)
        .containsOnlyOnce("created")
        .containsOnly("created", "NAME_TAKEN");
  }

  @Test
  void theSameRequestTwiceIsOneService() {
    var request = request("api").setRequestId(UUID.randomUUID().toString());
    ServiceRecord first = services.create(one, request.build());

    assertThat(services.create(one, request.build()).id()).isEqualTo(first.id());
    refused(Reason.REQUEST_ID_REUSED, () -> services.create(one, request.setName("other").build()));
    assertThat(services.create(two, request.build()).id()).isNotEqualTo(first.id());
  }

  @Test
  void theSameRequestTwentyTimesAtOnceIsOneService() throws Exception {
    var request = request("api").setRequestId(UUID.randomUUID().toString()).build();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Set<String> ids =
          executor
              .invokeAll(
                  IntStream.range(0, 20)
                      .<Callable<String>>mapToObj(
                          i -> () -> services.create(one, request).id().toString())
                      .toList())
              .stream()
              .map(future -> future.resultNow())
              .collect(Collectors.toSet());
      assertThat(ids).hasSize(1);
    }
  }

  @Test
  void anotherOrganizationSeesNothing() {
    ServiceRecord mine = services.create(one, request("api").build());

    for (String key : List.of("api", mine.id().toString())) {
      refused(Reason.SERVICE_NOT_FOUND, () -> services.get(two, key));
      refused(Reason.SERVICE_NOT_FOUND, () -> services.scale(two, key, 2));
      refused(Reason.SERVICE_NOT_FOUND, () -> services.stop(two, key));
      refused(Reason.SERVICE_NOT_FOUND, () -> services.restart(two, key));
      refused(Reason.SERVICE_NOT_FOUND, () -> services.delete(two, key));
      refused(
          Reason.SERVICE_NOT_FOUND,
          () -> services.update(two, update(key, "env", spec()).message()));
    }
    assertThat(list(two, "", "")).isEmpty();
    assertThat(services.create(two, request("api").build()).id()).isNotEqualTo(mine.id());
    assertThat(test.list(String.class, "select subnet::text from networks order by 1"))
        .containsExactly("10.100.0.0/24", "10.100.1.0/24");
  }

  @Test
  void whenSubnetsRunOutNothingIsWritten() {
    ServicesService small = services("10.9.9.0/24");
    small.create(one, request("api").build());
    small.create(one, request("db").build());

    refused(Reason.NETWORKS_EXHAUSTED, () -> small.create(two, request("api").build()));
    assertThat(list(two, "", "")).isEmpty();
  }

  @Test
  void anUpdateNamesWhatItChanges() {
    ServiceRecord created = services.create(one, request("api").build());
    ServiceSpec env = spec().putEnv("A", "1").setImage("ignored").build();
    ServiceRecord updated = services.update(one, update("api", "env", env.toBuilder()).message());

    assertThat(updated.release().number()).isEqualTo(2);
    assertThat(updated.release().spec().env()).containsEntry("A", "1");
    assertThat(updated.release().spec().image()).isEqualTo(registry.image("app:1"));
    assertThat(updated.version()).isGreaterThan(created.version());
    assertThat(updated.activeDeployment()).isNotEqualTo(created.activeDeployment());
    assertThat(events(created))
        .containsExactly("deployment_pending", "deployment_superseded", "deployment_pending");
  }

  @Test
  void anUpdateThatChangesNothingDeploysNothing() {
    ServiceRecord created = services.create(one, request("api").build());
    ServiceRecord same = services.update(one, update("api", "env", spec()).message());

    assertThat(same.release().number()).isEqualTo(1);
    assertThat(same.activeDeployment()).isEqualTo(created.activeDeployment());
  }

  @Test
  void namingTheImageDeploysAMovedTag() {
    services.create(one, request("api").build());
    registry.moveTags('b');

    assertThat(services.update(one, update("api", "env", spec()).message()).release().number())
        .isEqualTo(1);
    ServiceRecord moved = services.update(one, update("api", "image", spec()).message());
    assertThat(moved.release().number()).isEqualTo(2);
    assertThat(moved.release().imageDigest()).isEqualTo(StubRegistry.digestOf('b'));
  }

  @Test
  void constraintsMakeAReleaseAndTheLimitPerWorkerMakesNone() {
    services.create(one, request("api").setSpec(spec().addConstraints("disk!=hdd")).build());
    ServiceSpec.Builder two = spec().addConstraints("disk != hdd").addConstraints("zone in (a,b)");

    ServiceRecord updated = services.update(one, update("api", "constraints", two).message());
    ServiceRecord limited =
        services.update(one, update("api", "max_per_worker", spec().setMaxPerWorker(2)).message());

    assertThat(updated.release().number()).isEqualTo(2);
    assertThat(updated.release().spec().constraints())
        .extracting(Object::toString)
        .containsExactly("disk != hdd", "zone in (a, b)");
    assertThat(limited.release().number()).isEqualTo(2);
    assertThat(limited.policy().maxPerWorker()).isEqualTo(2);
    assertThat(limited.release().spec().constraints()).hasSize(2);
    refused(
        Reason.INVALID_FIELD,
        () ->
            services.update(
                one, update("api", "constraints", spec().addConstraints("zone = a")).message()));
    refused(
        Reason.INVALID_FIELD,
        () ->
            services.update(
                one, update("api", "max_per_worker", spec().setMaxPerWorker(-1)).message()));
  }

  @Test
  void anOldEtagIsRefused() {
    ServiceRecord created = services.create(one, request("api").build());
    services.scale(one, "api", 2);

    refused(
        Reason.ETAG_MISMATCH,
        () ->
            services.update(
                one, update("api", "env", spec().putEnv("A", "1")).etag(created.etag()).message()));
    String current = services.get(one, "api").etag();
    services.update(one, update("api", "env", spec().putEnv("A", "1")).etag(current).message());
  }

  @Test
  void aMaskMustNameFieldsOfTheSpec() {
    services.create(one, request("api").build());

    refused(Reason.INVALID_FIELD, () -> services.update(one, update("api", "", spec()).message()));
    refused(
        Reason.INVALID_FIELD, () -> services.update(one, update("api", "env.A", spec()).message()));
  }

  @Test
  void scalingMakesADeploymentButNoRelease() {
    ServiceRecord created = services.create(one, request("api").build());
    ServiceRecord scaled = services.scale(one, "api", 5);

    assertThat(scaled.replicas()).isEqualTo(5);
    assertThat(scaled.release().number()).isEqualTo(1);
    assertThat(scaled.activeDeployment()).isNotEqualTo(created.activeDeployment());
    assertThat(services.scale(one, "api", 5).activeDeployment())
        .isEqualTo(scaled.activeDeployment());
    refused(Reason.INVALID_FIELD, () -> services.scale(one, "api", 0));
    refused(Reason.INVALID_FIELD, () -> services.scale(one, "api", 1001));
  }

  @Test
  void aStoppedServiceTakesChangesAndStaysStopped() {
    services.create(one, request("api").build());
    assertThat(services.stop(one, "api").wanted()).isEqualTo(Wanted.STOPPED);
    ServiceRecord scaled = services.scale(one, "api", 3);
    assertThat(scaled.wanted()).isEqualTo(Wanted.STOPPED);

    ServiceRecord started = services.start(one, "api");
    assertThat(started.wanted()).isEqualTo(Wanted.RUNNING);
    assertThat(started.replicas()).isEqualTo(3);
    assertThat(java.util.Objects.requireNonNull(started.latest()).state())
        .isEqualTo(DeploymentState.PENDING);
    assertThat(java.util.Objects.requireNonNull(started.latest()).cause()).isEqualTo("started");
  }

  @Test
  void aRestartCountsUp() {
    ServiceRecord created = services.create(one, request("api").build());
    services.restart(one, "api");
    services.restart(one, "api");

    assertThat(
            test.number(
                "select restart_generation from container_services where id = ?",
                created.id().value()))
        .isEqualTo(2);
  }

  @Test
  void aDeletedServiceTakesNoChangeButAnotherDelete() {
    services.create(one, request("api").build());
    services.delete(one, "api");
    services.delete(one, "api");

    assertThat(services.get(one, "api").wanted()).isEqualTo(Wanted.DELETED);
    refused(Reason.SERVICE_DELETING, () -> services.scale(one, "api", 2));
    refused(Reason.SERVICE_DELETING, () -> services.start(one, "api"));
    refused(Reason.NAME_TAKEN, () -> services.create(one, request("api").build()));
  }

  @Test
  void aListIsInOrderOfNamesAndStartsAfterOne() {
    for (String name : List.of("c", "a1", "b", "a2")) {
      services.create(one, request(name).build());
    }

    assertThat(list(one, "", "")).containsExactly("a1", "a2", "b", "c");
    assertThat(list(one, "a2", "")).containsExactly("b", "c");
    assertThat(list(one, "", "a")).containsExactly("a1", "a2");
    assertThat(list(one, "", "%")).isEmpty();
  }

  @Test
  void eventsAreNumberedWithoutGaps() {
    ServiceRecord api = services.create(one, request("api").build());
    for (int i = 2; i < 6; i++) {
      services.scale(one, "api", i);
    }

    List<Long> sequences =
        test.list(
            Long.class,
            "select sequence from deployment_events where service_id = ? order by 1",
            api.id().value());
    assertThat(sequences)
        .isEqualTo(IntStream.rangeClosed(1, sequences.size()).mapToObj(i -> (long) i).toList())
        .hasSize(9);
  }

  @Test
  void anImageThatIsNotThereIsRefused() {
    refused(
        Reason.IMAGE_NOT_FOUND,
        () ->
            services.create(
                one, request("api").setSpec(spec().setImage(registry.image("missing:1"))).build()));
    assertThatThrownBy(
            () ->
                services.create(
                    one, request("api").setSpec(spec().setImage("127.0.0.1:1/app")).build()))
        .hasMessage("spec.image: the registry 127.0.0.1:1 cannot be asked: connection refused");
  }

  @Test
  void aVolumeHasOneWriterWhateverIsAsked() {
    refusedField("spec.replicas", () -> services.create(one, withVolume("db", 2)));
    services.create(one, withVolume("db", 1));
    refusedField("replicas", () -> services.scale(one, "db", 2));
    refusedField(
        "spec.replicas",
        () -> services.update(one, update("db", "replicas", spec().setReplicas(2)).message()));
    ServiceSpec.Builder without = spec().setReplicas(3);
    services.update(one, update("db", "volumes", without).message());
    services.scale(one, "db", 3);
    refusedField("release_number", () -> services.rollBack(one, "db", 1));
    services.scale(one, "db", 1);

    assertThat(services.rollBack(one, "db", 1).release().spec().volumes()).hasSize(1);
  }

  @Test
  void aServiceSaysThatItCannotBeUpdatedWithoutInterruption() {
    assertThat(services.create(one, withVolume("db", 1)).release().spec().interruption())
        .hasValueSatisfying(
            why -> assertThat(why).contains("without interruption", "single writer"));
    assertThat(services.create(one, request("web").build()).release().spec().interruption())
        .isEmpty();
  }

  @Test
  void dataIsGivenUpByItsOwnWordAndOnlyWhenItsWorkerIsNotThere() {
    ServiceRecord db = services.create(one, withVolume("db", 1));
    refused(Reason.DATA_STAYS, () -> services.migrate(one, "db"));
    refused(Reason.DATA_STAYS, () -> services.abandonData(one, "db"));
    var worker = test.addWorker("w1");
    test.execute(
        "insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)"
            + " select gen_random_uuid(), organization_id, cluster_id, id, name, 'data', ?, 'w1' from container_services",
        worker.value());
    refused(Reason.WORKER_WELL, () -> services.abandonData(one, "db"));
    test.execute("update container_workers set connected = false, swarm_node_state = 'down'");

    services.abandonData(one, "db");

    assertThat(events(db)).contains("data_abandoned");
    assertThat(
            test.number(
                "select count(*) from container_services where abandon_requested_at is not null"))
        .isEqualTo(1);
  }

  private CreateServiceRequest withVolume(String name, int replicas) {
    ServiceSpec.Builder spec = spec().setReplicas(replicas);
    spec.addVolumesBuilder().setName("data").setPath("/data");
    return request(name).setSpec(spec).build();
  }

  private static void refusedField(String field, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.fields()).extracting("field").containsExactly(field));
  }

  private void refused(Reason reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private ServicesService services(String pool) {
    return new ServicesService(
        test.database(),
        test.ids(),
        new ImageResolver(Set.of()),
        new NetworkAllocator(pool, test.ids()),
        new Funds(false));
  }

  private List<String> list(OrganizationId organization, String after, String prefix) {
    return services
        .read(organization, store -> store.list(after, prefix, Optional.empty(), 10))
        .stream()
        .map(ServiceRecord::name)
        .toList();
  }

  private List<String> events(ServiceRecord service) {
    return test.list(
        String.class,
        "select type from deployment_events where service_id = ? order by sequence",
        service.id().value());
  }

  private ServiceSpec.Builder spec() {
    return ServiceSpec.newBuilder().setImage(registry.image("app:1"));
  }

  private CreateServiceRequest.Builder request(String name) {
    return CreateServiceRequest.newBuilder().setName(name).setSpec(spec());
  }

  private record Update(UpdateServiceRequest.Builder request) {
    Update etag(String etag) {
      return new Update(request.clone().setEtag(etag));
    }

    SpecUpdate message() {
      return SpecUpdate.of(request.build());
    }
  }

  private static Update update(String service, String path, ServiceSpec.Builder spec) {
    FieldMask.Builder mask = FieldMask.newBuilder();
    if (!path.isEmpty()) {
      mask.addPaths(path);
    }
    return new Update(
        UpdateServiceRequest.newBuilder().setService(service).setSpec(spec).setUpdateMask(mask));
  }
}
