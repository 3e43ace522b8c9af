package dev.skep.testbed.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.google.protobuf.FieldMask;
import dev.skep.testbed.Await;
import dev.skep.testbed.LabHost;
import dev.skep.v1.CordonWorkerRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.DataPromise;
import dev.skep.v1.ExplainServiceRequest;
import dev.skep.v1.RestartServiceRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServiceState;
import dev.skep.v1.UncordonWorkerRequest;
import dev.skep.v1.UpdateServiceRequest;
import dev.skep.v1.WorkerState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A service keeps its data, where it is, and never runs twice. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VolumesTest {
  /** Each copy adds a line, tells how many there are, and runs until it is told to stop. */
  private static final String COUNT =
      "echo copy >> /data/log; echo \"copies so far: $(wc -l < /data/log)\";"
          + " trap 'exit 0' TERM; sleep 3600 & wait";

  @RegisterExtension private final SkepLab skep = SkepLab.start(2);

  private final Api api = skep.api();

  private final String manager = skep.engines().managerHost();

  /** The one that does not change the Swarm: it may die. */
  private final LabHost home =
      skep.lab().hosts().stream().filter(h -> !h.name().equals(manager)).findFirst().orElseThrow();

  @AfterEach
  void clear() {
    skep.clear();
    Await.seconds(30)
        .until(
            "its volumes are gone",
            () -> api.rest("DELETE", "/api/volumes/db.data", "").statusCode(),
            status -> status == 404);
  }

  @Test
  void dataOutlivesAnUpdateARestartAndTheServiceAndThereIsOneCopyAtATime() {
    var created =
        api.services()
            .createService(CreateServiceRequest.newBuilder().setName("db").setSpec(spec()).build());
    assertThat(created.getWarningsList())
        .singleElement()
        .asString()
        .contains("cannot be updated without interruption");
    String id = api.awaitRunning("db").getId();

    try (var watch = new Copies(id)) {
      update("A", "b");
      api.awaitRunning("db");
      var _ =
          api.services()
              .restartService(RestartServiceRequest.newBuilder().setService("db").build());
      api.awaitRunning("db");
      assertThat(watch.most()).isEqualTo(1);
    }

    awaitSaid("copies so far: 3");
    assertThat(api.latest("db").getInterruption()).contains("single writer");
    assertThat(api.rest("DELETE", "/api/volumes/db.data", "").statusCode()).isEqualTo(409);
    assertThat(dockerVolumes()).hasSize(1);
    keepsItsVolumeWhenItIsDeleted();
  }

  private void keepsItsVolumeWhenItIsDeleted() {
    api.delete("db");
    skep.engines().awaitNothingOfOurs();
    Await.seconds(30).until("no service is listed", api::listServices, List::isEmpty);
    String listed = api.rest("GET", "/api/volumes", "").body();
    assertThat(listed).contains("VOLUME_STATE_KEPT", "its service was deleted");
    assertThat(dockerVolumes()).hasSize(1);

    assertThat(api.rest("DELETE", "/api/volumes/db.data", "").statusCode()).isEqualTo(200);

    Await.seconds(30).until("the volume is gone", this::dockerVolumes, List::isEmpty);
    Await.seconds(30)
        .until(
            "it is not listed",
            () -> api.rest("GET", "/api/volumes", "").body(),
            body -> !body.contains("VOLUME_STATE"));
  }

  @Test
  void whenItsWorkerDiesItWaitsSaysSoAndFindsItsDataAgain() {
    String id = api.run("db", spec()).getId();
    awaitSaid("copies so far: 1");

    lose();
    Await.seconds(30)
        .until("it says what it waits for", this::explanation, e -> e.contains("which is lost"));

    assertThat(explanation())
        .contains("waits for worker " + home.name(), "its volume data is there", "--abandon-data");
    assertThat(skep.engines().running(id, List.of(manager))).isEmpty();
    assertThat(api.get("db").getStatus().getState()).isEqualTo(ServiceState.SERVICE_STATE_DEGRADED);
    bringBack();
    Await.seconds(60).until("it runs again", () -> copies(id), n -> n == 1);
    awaitSaid("copies so far: 2");
    Await.seconds(30)
        .until(
            "all is well",
            () -> api.get("db"),
            s -> s.getStatus().getState() == ServiceState.SERVICE_STATE_RUNNING);
    assertThat(dockerVolumes()).hasSize(1);
  }

  @Test
  void whoseDataMayBeLostStartsElsewhereWhenTheCutOffWorkerHasStoppedItsCopyAndNotBefore() {
    String id = leased();
    try (var watch = new Copies(id)) {
      Instant cut = Instant.now();
      home.cut();
      try {
        Await.seconds(80)
            .until(
                "a copy runs elsewhere",
                () -> skep.engines().running(id, List.of(manager)).size(),
                copies -> copies == 1);
        var old = only(home.name(), id);
        var next = only(manager, id);
        assertThat(instant(old.getStartedAt())).isBefore(cut);
        assertThat(instant(old.getFinishedAt()))
            .as("its own agent stopped it: nobody else reaches it")
            .isBetween(cut.plusSeconds(5), cut.plusSeconds(30))
            .isBefore(instant(next.getStartedAt()));
        assertThat(api.events("db")).anyMatch(e -> e.getType().equals("volumes_left_behind"));
      } finally {
        home.heal();
      }
      awaitOnline();
      assertThat(watch.most()).isEqualTo(1);
    }
    assertThat(skep.engines().spread(id)).isEqualTo(Map.of(manager, 1));
    assertThat(api.rest("GET", "/api/volumes", "").body()).contains("VOLUME_STATE_KEPT");
  }

  /** The id of a service on the worker that will be cut off, whose agent stops it by itself. */
  private String leased() {
    var cordon = CordonWorkerRequest.newBuilder().setWorker(manager).build();
    var _ = api.workers().cordonWorker(cordon);
    var spec = skep.specs().shell(COUNT).setDataPromise(DataPromise.DATA_PROMISE_MAY_BE_LOST);
    spec.addVolumesBuilder().setName("data").setPath("/data");
    String id = api.run("db", spec.build()).getId();
    var uncordon = UncordonWorkerRequest.newBuilder().setWorker(manager).build();
    var _ = api.workers().uncordonWorker(uncordon);
    Path lease = skep.agent(home.name()).dataDirectory().resolve("lease");
    Set<String> leases = new HashSet<>();
    // The first one tells the agent, the next one that it knows; the third comes after that.
    Await.seconds(30)
        .until(
            "its lease was renewed twice",
            () -> {
              // It has a checksum, which is no text.
              String text = Files.exists(lease) ? Files.readString(lease, ISO_8859_1) : "";
              if (text.contains(id)) {
                leases.add(text);
              }
              return leases.size();
            },
            renewals -> renewals >= 3);
    return id;
  }

  /** The state of the one container of a service that an engine has, running or not. */
  private InspectContainerResponse.ContainerState only(String host, String service) {
    var docker = skep.engines().on(host);
    var containers =
        docker
            .listContainersCmd()
            .withShowAll(true)
            .withLabelFilter(Map.of(Engines.SERVICE_LABEL, service))
            .exec();
    assertThat(containers).as("containers on %s", host).hasSize(1);
    return docker.inspectContainerCmd(containers.getFirst().getId()).exec().getState();
  }

  private static Instant instant(@Nullable String time) {
    return Instant.parse(requireNonNull(time));
  }

  private void lose() {
    skep.agent(home.name()).kill9();
    home.killEngine();
  }

  private void bringBack() {
    home.startEngine();
    skep.agent(home.name()).start();
    awaitOnline();
  }

  private void awaitOnline() {
    Await.seconds(90)
        .until(
            home.name() + " is online again",
            () -> api.worker(home.name()).getState(),
            WorkerState.WORKER_STATE_ONLINE::equals);
  }

  private String explanation() {
    return api.services()
        .explainService(ExplainServiceRequest.newBuilder().setService("db").build())
        .getReason();
  }

  private void update(String variable, String value) {
    Service current = api.get("db");
    var _ =
        api.services()
            .updateService(
                UpdateServiceRequest.newBuilder()
                    .setService("db")
                    .setSpec(current.getSpec().toBuilder().putEnv(variable, value))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("env"))
                    .build());
  }

  private ServiceSpec spec() {
    ServiceSpec.Builder spec =
        skep.specs().shell(COUNT).addConstraints("worker.name == " + home.name());
    spec.addVolumesBuilder().setName("data").setPath("/data");
    return spec.build();
  }

  private void awaitSaid(String line) {
    Await.seconds(30)
        .until(
            line,
            () -> api.allLogs("db").stream().map(l -> l.getText()).toList(),
            lines -> lines.contains(line));
  }

  private List<String> dockerVolumes() {
    return skep.engines().on(home.name()).listVolumesCmd().exec().getVolumes().stream()
        .map(v -> v.getName())
        .filter(name -> name.startsWith("skep-"))
        .toList();
  }

  private int copies(String service) {
    return skep.lab().hosts().stream()
        .mapToInt(
            h ->
                skep.engines()
                    .on(h.name())
                    .listContainersCmd()
                    .withLabelFilter(Map.of(Engines.SERVICE_LABEL, service))
                    .exec()
                    .size())
        .sum();
  }

  /** Counts the running copies again and again. */
  private final class Copies implements AutoCloseable {
    private final AtomicBoolean watching = new AtomicBoolean(true);
    private final AtomicInteger most = new AtomicInteger();
    private final Thread thread;

    Copies(String service) {
      thread =
          Thread.startVirtualThread(
              () -> {
                while (watching.get()) {
                  most.accumulateAndGet(copies(service), Math::max);
                }
              });
    }

    int most() {
      return most.get();
    }

    @Override
    public void close() {
      watching.set(false);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
