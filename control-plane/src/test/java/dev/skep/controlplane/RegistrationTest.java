package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.ContainerStats;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.ReportStatsRequest;
import dev.skep.agent.v1.Usage;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.RegisterWorkerRequest;
import dev.skep.v1.SendHeartbeatRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Signature;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Machines that speak REST: they join, say that they are there, and what they run is shown. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RegistrationTest {
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
  }

  @AfterAll
  void stop() {
    skep().close();
  }

  @Test
  void aMachineJoinsWithATokenAndIsHeardByItsKey() throws Exception {
    KeyPair key = TestAgents.keys();
    String worker = register(key, "by-rest").get("workerId").getAsString();

    assertThat(heartbeat(worker, key, Instant.now(), 42).statusCode()).isEqualTo(200);

    Await.until(
        "the usage is shown",
        () ->
            skep()
                .send(skep().authorized("/api/workers/by-rest?fields=worker.usage"))
                .body()
                .contains("\"memoryPercent\":42"));
  }

  @Test
  void theSameTokenAndKeyGiveTheSameWorker() throws Exception {
    KeyPair key = TestAgents.keys();
    String token = new TestAgents(skep()).token();

    JsonObject first = json(post("/api/workers/register", registration(token, key, "twice")));
    JsonObject second = json(post("/api/workers/register", registration(token, key, "twice")));

    assertThat(second.get("workerId")).isEqualTo(first.get("workerId"));
    assertThat(
            post("/api/workers/register", registration(token, TestAgents.keys(), "other"))
                .statusCode())
        .as("it was for one machine")
        .isEqualTo(401);
  }

  @Test
  void aHeartbeatThatTheWorkersKeyDidNotSignNowIsRefused() throws Exception {
    KeyPair key = TestAgents.keys();
    String worker = register(key, "signed").get("workerId").getAsString();
    KeyPair other = TestAgents.keys();
    String otherWorker = register(other, "other").get("workerId").getAsString();

    assertThat(heartbeat(worker, other, Instant.now(), 1).statusCode()).isEqualTo(401);
    assertThat(heartbeat(otherWorker, key, Instant.now(), 1).statusCode()).isEqualTo(401);
    assertThat(heartbeat(worker, key, Instant.now().minusSeconds(120), 1).statusCode())
        .isEqualTo(401);
    assertThat(heartbeat(UUID.randomUUID().toString(), key, Instant.now(), 1).statusCode())
        .isEqualTo(401);
    skep().send(skep().authorized("/api/workers/signed").DELETE());
    assertThat(heartbeat(worker, key, Instant.now(), 1).statusCode())
        .as("it was removed")
        .isEqualTo(401);
  }

  @Test
  void whatAServiceUsesIsShown() throws Exception {
    try (StubRegistry registry = new StubRegistry()) {
      KeyPair key = TestAgents.keys();
      EnrollResponse worker =
          new TestAgents(skep()).enroll(new TestAgents(skep()).token(), key, "measured");
      String service =
          ServicesServiceGrpc.newBlockingStub(skep().people())
              .createService(
                  CreateServiceRequest.newBuilder()
                      .setName("used")
                      .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                      .build())
              .getService()
              .getId();
      LogFollowTest.place(skep(), service, worker.getWorkerId());
      report(key, worker, placement(service));

      HttpResponse<String> metrics =
          skep()
              .send(
                  skep()
                      .authorized(
                          "/api/containers/services/used/metrics"
                              + "?fields=containers.workerName,containers.memoryBytes"));
      assertThat(metrics.body())
          .isEqualTo("{\"containers\":[{\"memoryBytes\":\"4096\",\"workerName\":\"measured\"}]}");
    }
  }

  private void report(KeyPair key, EnrollResponse worker, String placement) throws Exception {
    Instant now = Instant.now();
    var _ =
        AgentServiceGrpc.newBlockingStub(skep().agents(TestAgents.identity(key, worker)))
            .reportStats(
                ReportStatsRequest.newBuilder()
                    .setTime(Timestamp.newBuilder().setSeconds(now.getEpochSecond()))
                    .addContainers(
                        ContainerStats.newBuilder()
                            .setContainerId("c".repeat(64))
                            .setPlacementId(placement)
                            .setMemoryBytes(4_096))
                    .build());
  }

  private String placement(String service) throws Exception {
    try (var connection =
            DriverManager.getConnection(
                skep().database().jdbcUrl(), skep().database().properties());
        var query = connection.prepareStatement("select id from placements where service_id = ?")) {
      query.setObject(1, UUID.fromString(service));
      try (var rows = query.executeQuery()) {
        assertThat(rows.next()).isTrue();
        return rows.getString(1);
      }
    }
  }

  private JsonObject register(KeyPair key, String name) throws Exception {
    HttpResponse<String> answer =
        post("/api/workers/register", registration(new TestAgents(skep()).token(), key, name));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonObject registered = json(answer);
    assertThat(Base64.getDecoder().decode(registered.get("certificate").getAsString()))
        .isNotEmpty();
    return registered;
  }

  private static RegisterWorkerRequest registration(String token, KeyPair key, String name)
      throws Exception {
    EnrollRequest enroll = TestAgents.request(token, key, name);
    return RegisterWorkerRequest.newBuilder()
        .setJoinToken(enroll.getJoinToken())
        .setPublicKey(enroll.getPublicKey())
        .setProof(enroll.getProof())
        .setName(name)
        .setFacts(enroll.getFacts())
        .build();
  }

  private HttpResponse<String> heartbeat(String worker, KeyPair key, Instant time, float memory)
      throws Exception {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key.getPrivate());
    String content = "skep heartbeat " + worker + " " + time.getEpochSecond();
    signature.update(content.getBytes(StandardCharsets.UTF_8));
    return post(
        "/api/workers/" + worker + "/heartbeat",
        SendHeartbeatRequest.newBuilder()
            .setPublicKey(ByteString.copyFrom(key.getPublic().getEncoded()))
            .setTime(Timestamp.newBuilder().setSeconds(time.getEpochSecond()))
            .setProof(ByteString.copyFrom(signature.sign()))
            .setUsage(Usage.newBuilder().setMemoryPercent(memory))
            .build());
  }

  private HttpResponse<String> post(String path, Message body) throws Exception {
    return skep()
        .send(
            skep()
                .request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(JsonFormat.printer().print(body))));
  }

  private static JsonObject json(HttpResponse<String> answer) {
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
