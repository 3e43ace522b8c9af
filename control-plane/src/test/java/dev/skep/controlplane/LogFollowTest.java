package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an agent's log stream to a browser that reconnects. */
final class LogFollowTest {
  private static final String CONTAINER = "c".repeat(64);

  private final AtomicLong acked = new AtomicLong();

  @Test
  void aReaderThatReconnectsLosesAndDoublesNothing(@TempDir Path directory) throws Exception {
    try (StubRegistry registry = new StubRegistry();
        TestControlPlane skep = new TestControlPlane(directory)) {
      TestAgents agents = new TestAgents(skep);
      KeyPair key = TestAgents.keys();
      EnrollResponse worker = agents.enroll(agents.token(), key, "w1");
      String service = create(skep, registry);
      place(skep, service, worker.getWorkerId());
      StreamObserver<ShipLogsRequest> stream =
          AgentServiceGrpc.newStub(skep.agents(TestAgents.identity(key, worker)))
              .shipLogs(new Acks());

      ship(stream, service, 0, 3);
      try (Stream<String> lines = follow(skep.authorized(path("&tail=2")), skep)) {
        Iterator<String> events = lines.iterator();
        assertThat(next(events, 2)).containsExactly("2 line 1", "3 line 2");
        ship(stream, service, 3, 2);
        assertThat(next(events, 2)).containsExactly("4 line 3", "5 line 4");
      }
      ship(stream, service, 5, 1);
      try (Stream<String> lines =
          follow(skep.authorized(path("")).header("last-event-id", "4"), skep)) {
        assertThat(next(lines.iterator(), 2)).containsExactly("5 line 4", "6 line 5");
      }
      stream.onCompleted();
    }
  }

  private static String path(String parameters) {
    return "/api/containers/services/api/logs?follow=true" + parameters;
  }

  private static Stream<String> follow(HttpRequest.Builder request, TestControlPlane skep) {
    HttpResponse<Stream<String>> answer = skep.send(request, HttpResponse.BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("text/event-stream");
    return answer.body();
  }

  /** Events as "id text". */
  private static List<String> next(Iterator<String> lines, int count) {
    List<String> events = new ArrayList<>();
    String id = "";
    while (events.size() < count) {
      String line = lines.next();
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        var data = JsonParser.parseString(line.substring(6)).getAsJsonObject();
        assertThat(data.get("cursor").getAsString()).as("the id is the cursor").isEqualTo(id);
        events.add(id + " " + data.get("text").getAsString());
      }
    }
    return events;
  }

  private void ship(StreamObserver<ShipLogsRequest> stream, String service, int first, int count) {
    long sequence = acked.get() + 1;
    LogBatch.Builder batch =
        LogBatch.newBuilder()
            .setSequence(sequence)
            .setContainerId(CONTAINER)
            .setServiceId(service)
            .setFirstOffset(first);
    for (int i = first; i < first + count; i++) {
      batch.addLines(
          LogEntry.newBuilder()
              .setStream(1)
              .setTimeUnixNanos(1_700_000_000_000_000_000L + i)
              .setText(ByteString.copyFromUtf8("line " + i)));
    }
    stream.onNext(ShipLogsRequest.newBuilder().setBatch(batch).build());
    Await.until("the batch is stored", () -> acked.get() == sequence);
  }

  private static String create(TestControlPlane skep, StubRegistry registry) {
    return ServicesServiceGrpc.newBlockingStub(skep.people())
        .createService(
            CreateServiceRequest.newBuilder()
                .setName("api")
                .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                .build())
        .getService()
        .getId();
  }

  static void place(TestControlPlane skep, String service, String worker) throws Exception {
    try (var connection =
            DriverManager.getConnection(skep.database().jdbcUrl(), skep.database().properties());
        var insert =
            connection.prepareStatement(
                "insert into placements (id, organization_id, service_id, cluster_id, worker_id,"
                    + " release_id, replicas, restart_generation, revision, cpu_millis,"
                    + " memory_bytes, pinned_node) select ?, organization_id, id, cluster_id,"
                    + " ?, release_id, 1, 0, 1, 250, 268435456, '' from container_services"
                    + " where id = ?")) {
      insert.setObject(1, UUID.randomUUID());
      insert.setObject(2, UUID.fromString(worker));
      insert.setObject(3, UUID.fromString(service));
      insert.executeUpdate();
    }
  }

  private final class Acks implements StreamObserver<ShipLogsResponse> {
    @Override
    public void onNext(ShipLogsResponse response) {
      acked.set(response.getAckedSequence());
    }

    @Override
    public void onError(Throwable t) {
      // The wait for the acknowledgement fails then.
    }

    @Override
    public void onCompleted() {}
  }
}
