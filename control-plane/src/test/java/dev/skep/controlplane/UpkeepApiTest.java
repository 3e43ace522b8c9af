package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.RenewCertificateRequest;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.Usage;
import dev.skep.controlplane.fixture.Await;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators do with a worker whose agent has a session. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UpkeepApiTest {
  private final Queue<SessionResponse> heard = new ConcurrentLinkedQueue<>();
  private @Nullable TestControlPlane started;
  private @Nullable ManagedChannel agent;
  private @Nullable StreamObserver<SessionRequest> session;

  @BeforeAll
  void connect(@TempDir Path directory) throws Exception {
    started = new TestControlPlane(directory);
    TestAgents agents = new TestAgents(skep());
    KeyPair key = TestAgents.keys();
    var enrolled = agents.enroll(agents.token(), key, "w1");
    ManagedChannel channel = skep().agents(TestAgents.identity(key, enrolled));
    agent = channel;
    StreamObserver<SessionRequest> toServer =
        AgentServiceGrpc.newStub(channel)
            .session(
                new StreamObserver<>() {
                  @Override
                  public void onNext(SessionResponse response) {
                    heard.add(response);
                  }

                  @Override
                  public void onError(Throwable failure) {}

                  @Override
                  public void onCompleted() {}
                });
    session = toServer;
    toServer.onNext(
        SessionRequest.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setProtocolVersion(1)
                    .setFacts(Facts.newBuilder().setCpuMillis(1_000).setMemoryBytes(1 << 30))
                    .setSwarm(SwarmState.newBuilder().setNodeId("n1")))
            .build());
    Await.until("the session is open", () -> worker().getConnected());
  }

  @AfterAll
  void stop() {
    skep().close();
  }

  @Test
  void whatTheMachineUsesIsShown() {
    Objects.requireNonNull(session)
        .onNext(
            SessionRequest.newBuilder()
                .setHeartbeat(
                    Heartbeat.newBuilder()
                        .setUsage(Usage.newBuilder().setCpuPercent(42).setDiskPercent(91)))
                .build());

    Await.until("the usage is written", () -> worker().getUsage().getCpuPercent() == 42);
    assertThat(worker().getUsage().getDiskPercent()).isEqualTo(91);
    assertThat(worker().getUsage().hasMemoryPercent()).isFalse();
    assertThat(worker().getPressureList()).as("not for a minute").isEmpty();
  }

  @Test
  void anAgentHearsThatItShallRenewUntilItHas() throws Exception {
    JsonObject asked = body(post("/rotate-certificate", "{}"), 200);
    assertThat(asked.getAsJsonObject("worker").get("certificateRenewing").getAsBoolean()).isTrue();
    Await.until(
        "the agent is told",
        () -> heard.stream().anyMatch(r -> r.getAssignments().getRenewCertificate()));

    AgentServiceGrpc.newBlockingStub(Objects.requireNonNull(agent))
        .renewCertificate(
            RenewCertificateRequest.newBuilder()
                .setPublicKey(ByteString.copyFrom(TestAgents.keys().getPublic().getEncoded()))
                .build());
    assertThat(worker().getCertificateRenewing()).isFalse();
  }

  @Test
  void labelsAndUpkeepGoOverRest() {
    HttpResponse<String> labelled =
        send("PATCH", "", "{\"labels\":{\"zone\":\"a\"},\"updateMask\":\"labels\"}");

    assertThat(body(labelled, 200).getAsJsonObject("worker").getAsJsonObject("labels"))
        .hasToString("{\"zone\":\"a\"}");
    assertThat(availability(post("/cordon", "{}"))).isEqualTo("WORKER_AVAILABILITY_CORDONED");
    assertThat(availability(post("/drain", "{\"deadline\":\"60s\",\"force\":true}")))
        .isEqualTo("WORKER_AVAILABILITY_DRAINING");
    assertThat(availability(post("/uncordon", "{}"))).isEqualTo("WORKER_AVAILABILITY_ACTIVE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST  | /drain | {\"force\":true}                                    | force",
        "POST  | /drain | {\"deadline\":\"0s\"}                               | deadline",
        "PATCH |        | {\"labels\":{\"a b\":\"\"},\"updateMask\":\"labels\"} | labels[a b]",
        "PATCH |        | {\"taints\":[\"x\",\"x\"],\"updateMask\":\"taints\"}  | taints[1]",
        "PATCH |        | {}                                                  | update_mask",
      })
  void aWrongFieldIsNamed(String method, @Nullable String path, String body, String field) {
    JsonObject error = body(send(method, path == null ? "" : path, body), 400);

    assertThat(error.getAsJsonArray("fields").get(0).getAsJsonObject().get("field").getAsString())
        .isEqualTo(field);
  }

  @Test
  void notificationsAreListed() {
    var answer = skep().send(skep().authorized("/api/notifications?pageSize=1"));
    var wrong = skep().send(skep().authorized("/api/notifications?pageToken=eA"));

    assertThat(body(answer, 200).has("notifications")).isTrue();
    assertThat(body(wrong, 400).get("code").getAsString()).isEqualTo("INVALID_FIELD");
  }

  @Test
  void aClusterSaysWhoManagesItAndWhatARecoveryCosts() {
    JsonObject cluster =
        body(skep().send(skep().authorized("/api/clusters/default")), 200)
            .getAsJsonObject("cluster");
    JsonObject well = body(recover("default", "{\"validateOnly\":true}"), 409);
    JsonObject anew = body(recover("default", "{\"validateOnly\":true,\"newSwarm\":true}"), 200);

    assertThat(cluster.get("ownerWorkerName").getAsString()).isEqualTo("w1");
    assertThat(cluster.get("networksTotal").getAsInt()).isEqualTo(1024);
    assertThat(well.get("code").getAsString()).isEqualTo("CLUSTER_WELL");
    assertThat(anew.getAsJsonArray("costs")).isNotEmpty();
    assertThat(body(recover("x", "{}"), 404).get("code").getAsString())
        .isEqualTo("CLUSTER_NOT_FOUND");
    assertThat(
            body(skep().send(skep().authorized("/api/clusters")), 200).getAsJsonArray("clusters"))
        .hasSize(1);
  }

  private HttpResponse<String> recover(String cluster, String body) {
    return skep()
        .send(
            skep()
                .authorized("/api/clusters/" + cluster + "/recover")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body)));
  }

  private static String availability(HttpResponse<String> answer) {
    return body(answer, 200).getAsJsonObject("worker").get("availability").getAsString();
  }

  private HttpResponse<String> post(String verb, String body) {
    return send("POST", verb, body);
  }

  private HttpResponse<String> send(String method, String verb, String body) {
    return skep()
        .send(
            skep()
                .authorized("/api/workers/w1" + verb)
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
  }

  private static JsonObject body(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private Worker worker() {
    return WorkersServiceGrpc.newBlockingStub(skep().people())
        .getWorker(GetWorkerRequest.newBuilder().setWorker("w1").build())
        .getWorker();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
