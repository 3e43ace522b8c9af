package dev.skep.controlplane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import dev.skep.agent.v1.TaskStatus;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A known value goes through everything that could show it, and nothing does. */
final class SecretCanaryTest {
  private static final String CANARY = "canary-5d1e90b7c2";
  private static final String NEXT = "canary-5d1e90b7c2-next";
  private static final String MARKER = "marker-that-is-no-secret";
  private static final String CONTAINER = "d".repeat(64);

  private final List<String> answers = new ArrayList<>();
  private final AtomicLong acked = new AtomicLong();

  @Test
  void aValueIsInNoAnswerNoErrorNoEntryNoLogAndNoTable(@TempDir Path directory) throws Exception {
    PrintStream stderr = System.err;
    ByteArrayOutputStream logged = new ByteArrayOutputStream();
    System.setErr(new PrintStream(logged, true, UTF_8));
    try (StubRegistry registry = new StubRegistry();
        TestControlPlane skep = new TestControlPlane(directory)) {
      goThroughEverything(skep, registry);
      assertThat(answers).hasSizeGreaterThan(25).anySatisfy(a -> assertThat(a).contains(MARKER));
      for (String form : forms()) {
        assertThat(answers).as("no answer has " + form).noneMatch(a -> a.contains(form));
      }
      try (Connection connection =
          DriverManager.getConnection(skep.database().jdbcUrl(), skep.database().properties())) {
        assertThat(tablesWith(connection, MARKER)).contains("releases");
        for (String form : forms()) {
          assertThat(tablesWith(connection, form)).as(form).isEmpty();
        }
      }
    } finally {
      System.setErr(stderr);
    }
    for (String form : forms()) {
      assertThat(logged.toString(UTF_8)).doesNotContain(form);
    }
  }

  /** As it is, in base64, and as a dump shows bytes. */
  private static List<String> forms() {
    return List.of(
        CANARY,
        Base64.getEncoder().encodeToString(CANARY.substring(0, 15).getBytes(UTF_8)),
        HexFormat.of().formatHex(CANARY.getBytes(UTF_8)));
  }

  private void goThroughEverything(TestControlPlane skep, StubRegistry registry) throws Exception {
    TestAgents agents = new TestAgents(skep);
    KeyPair key = TestAgents.keys();
    EnrollResponse worker = agents.enroll(agents.token(), key, "w1");
    Channel channel = skep.agents(TestAgents.identity(key, worker));
    TestSession session = TestSession.open(channel, worker.getWorkerId(), 0);

    giveItInEveryWay(skep);
    post(skep, "/api/containers/services", 200, service(registry));
    Assignment placement = session.await("placement/");
    assertThat(placement.getPlacement().getWorkload().getEnvMap()).containsEntry("DB", CANARY);
    assertThat(session.await("secret/").getSecret().getValue().toStringUtf8())
        .isEqualTo(CANARY + "\n");

    String service = placement.getPlacement().getServiceId();
    complain(session, placement);
    Await.until(
        "its complaint is shown",
        () -> get(skep, "/api/containers/services/api").contains("[secret env]"));
    printIt(channel, service);
    post(
        skep,
        "/api/secrets/env/versions",
        200,
        "{\"value\": \"" + base64(NEXT) + "\", \"rotation\": \"SECRET_ROTATION_ROLLING\"}");
    Await.until(
        "the new version arrives",
        () ->
            NEXT.equals(
                session.await("placement/").getPlacement().getWorkload().getEnvMap().get("DB")));
    readEverything(skep);
    assertThat(get(skep, "/api/containers/services/api/logs")).contains("password [secret env] is");
  }

  /** And in every wrong one. */
  private void giveItInEveryWay(TestControlPlane skep) {
    String value = "\"" + base64(CANARY) + "\"";
    post(skep, "/api/secrets", 200, "{\"name\": \"env\", \"value\": " + value + "}");
    post(
        skep,
        "/api/secrets",
        200,
        "{\"name\": \"file\", \"value\": \"" + base64(CANARY + "\n") + "\"}");
    post(skep, "/api/secrets", 409, "{\"name\": \"env\", \"value\": " + value + "}");
    post(skep, "/api/secrets", 400, "{\"name\": \"a b\", \"value\": " + value + "}");
    post(skep, "/api/secrets", 400, "{\"name\": \"x\", \"value\": \"" + CANARY + " {{ §\"}");
    post(skep, "/api/secrets", 400, "{\"name\": \"x\", \"value\": {\"text\": \"" + CANARY + "\"}}");
    post(skep, "/api/secrets", 400, "{\"name\": \"x\", \"valeu\": \"" + CANARY + "\"}");
    post(skep, "/api/secrets", 400, "{\"name\": \"x\", \"value\": \"" + CANARY);
    post(skep, "/api/secrets", 400, CANARY);
    post(
        skep,
        "/api/secrets",
        400,
        "{\"name\": \"x\", \"value\": \"" + base64(CANARY.repeat(31_000)) + "\"}");
    post(skep, "/api/secrets/none/versions", 404, "{\"value\": " + value + "}");
    post(skep, "/api/secrets/env/versions", 400, "{\"value\": " + value + ", \"rotation\": \"x\"}");
  }

  private static String service(StubRegistry registry) {
    return """
        {"name": "api", "spec": {"image": "%s", "env": {"MARKER": "%s"},
         "secrets": [{"secret": "env", "env": "DB"}, {"secret": "file"}]}}"""
        .formatted(registry.image("app:1"), MARKER);
  }

  /** An engine that quotes it. */
  private static void complain(TestSession session, Assignment placement) {
    session.report(
        ObjectStatus.newBuilder()
            .setAssignmentId(placement.getId())
            .setGeneration(placement.getGeneration())
            .setState(ObjectStatus.State.STATE_APPLIED)
            .setCode("engine_error")
            .setMessage("cannot expand " + CANARY)
            .addTasks(
                TaskStatus.newBuilder()
                    .setTaskId("t1")
                    .setGeneration(placement.getGeneration())
                    .setContainerId(CONTAINER)
                    .setState("failed")
                    .setDesiredRunning(true)
                    .setMessage("exited after printing " + CANARY))
            .build());
  }

  private void printIt(Channel channel, String service) {
    StreamObserver<ShipLogsRequest> stream = AgentServiceGrpc.newStub(channel).shipLogs(new Acks());
    LogBatch.Builder batch =
        LogBatch.newBuilder()
            .setSequence(1)
            .setContainerId(CONTAINER)
            .setServiceId(service)
            .setFirstOffset(0);
    for (String line :
        List.of(
            "password " + CANARY + " is refused",
            "Authorization: Basic " + base64(CANARY),
            CANARY + CANARY)) {
      batch.addLines(
          LogEntry.newBuilder()
              .setStream(1)
              .setTimeUnixNanos(1_700_000_000_000_000_000L)
              .setText(ByteString.copyFromUtf8(line)));
    }
    stream.onNext(ShipLogsRequest.newBuilder().setBatch(batch).build());
    Await.until("the lines are stored", () -> acked.get() == 1);
    stream.onCompleted();
  }

  private void readEverything(TestControlPlane skep) {
    for (String path :
        List.of(
            "/api/secrets",
            "/api/secrets/env",
            "/api/secrets/file",
            "/api/containers/services",
            "/api/containers/services/api",
            "/api/containers/services/api/releases",
            "/api/containers/services/api/deployments",
            "/api/containers/services/api/events",
            "/api/containers/services/api/explain",
            "/api/containers/services/api/logs",
            "/api/notifications",
            "/api/workers",
            "/api/volumes",
            "/api/audit?page_size=200")) {
      assertThat(get(skep, path)).as(path).startsWith("{");
    }
    assertThat(skep.send(skep.authorized("/api/secrets/env").DELETE()).body())
        .contains("SECRET_IN_USE", "service api");
  }

  private String get(TestControlPlane skep, String path) {
    String body = skep.send(skep.authorized(path).GET()).body();
    answers.add(body);
    return body;
  }

  private void post(TestControlPlane skep, String path, int status, String body) {
    var answer =
        skep.send(
            skep.authorized(path)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    answers.add(answer.body());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  /** Every column of every row, bytes as hex. */
  private static List<String> tablesWith(Connection connection, String text) throws SQLException {
    List<String> found = new ArrayList<>();
    for (String table : tables(connection)) {
      try (var query =
          connection.prepareStatement(
              "select exists (select 1 from " + table + " t where strpos(t::text, ?) > 0)")) {
        query.setString(1, text);
        try (var rows = query.executeQuery()) {
          if (rows.next() && rows.getBoolean(1)) {
            found.add(table);
          }
        }
      }
    }
    return found;
  }

  private static List<String> tables(Connection connection) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery("select tablename from pg_tables where schemaname = 'public'")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables.stream().sorted().collect(Collectors.toList());
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
