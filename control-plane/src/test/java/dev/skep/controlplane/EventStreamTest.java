package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a service, told to browsers as it happens. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EventStreamTest {
  private static final String SERVICES = "/api/containers/services/";

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void aReaderThatReconnectsMissesNoEvent() {
    create("told");
    String path = SERVICES + "told/events?follow=true";
    long seen;
    try (Stream<String> lines = follow(skep().authorized(path))) {
      Iterator<String> stream = lines.iterator();
      JsonObject first = event(stream, "id: 1");
      assertThat(first.get("type").getAsString()).isEqualTo("deployment_pending");
      scale("told", 3);
      seen = until(stream, "scaled");
    }
    scale("told", 4);
    try (Stream<String> lines =
        follow(skep().authorized(path).header("last-event-id", String.valueOf(seen)))) {
      event(lines.iterator(), "id: " + (seen + 1));
    }
  }

  @Test
  void aServiceIsShownAgainWhenItHasChanged() {
    create("watched");
    try (Stream<String> lines = follow(skep().authorized(SERVICES + "watched/watch"))) {
      Iterator<String> stream = lines.iterator();
      assertThat(replicas(stream)).isEqualTo(1);
      scale("watched", 5);
      int shown = replicas(stream);
      while (shown != 5) {
        shown = replicas(stream);
      }
    }
  }

  @Test
  void aWatchEndsWithTheService() {
    create("gone");
    try (Stream<String> lines = follow(skep().authorized(SERVICES + "gone/watch"))) {
      Iterator<String> stream = lines.iterator();
      assertThat(replicas(stream)).isEqualTo(1);
      skep().send(skep().authorized(SERVICES + "gone").DELETE());
      readToTheEnd(stream);
    }
    HttpResponse<String> again = skep().send(skep().authorized(SERVICES + "gone/watch"));
    assertThat(again.statusCode()).isEqualTo(404);
  }

  @Test
  void whatCannotBeFollowedIsAnError() {
    assertThat(status(SERVICES + "none/events?follow=true")).isEqualTo(404);
    assertThat(status(SERVICES + "none/watch")).isEqualTo(404);
    assertThat(status(SERVICES + "none/watch?x=y")).isEqualTo(400);
    assertThat(
            skep()
                .send(
                    skep()
                        .authorized(SERVICES + "none/events?follow=true")
                        .header("last-event-id", "x"))
                .body())
        .contains("\"field\":\"last-event-id\"");
  }

  @Test
  void deployingAgainTakesWhatTheTagMeansNow() {
    create("moved");
    registry.moveTags('b');
    JsonObject deployed =
        JsonParser.parseString(post(SERVICES + "moved/deploy", "{}").body()).getAsJsonObject();
    JsonObject again =
        JsonParser.parseString(post(SERVICES + "moved/rebuild", "{}").body()).getAsJsonObject();

    assertThat(release(deployed).get("number").getAsInt()).isEqualTo(2);
    assertThat(release(deployed).get("imageDigest").getAsString())
        .isEqualTo(StubRegistry.digestOf('b'));
    assertThat(release(again).get("number").getAsInt()).as("the same image").isEqualTo(2);
    assertThat(again.get("deploymentId").getAsString())
        .isNotEmpty()
        .isNotEqualTo(deployed.get("deploymentId").getAsString());
    assertThat(
            post(SERVICES + "moved/deploy", "{\"image\":\"" + registry.image("missing:1") + "\"}")
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void aScriptForNewWorkersComesWithItsToken() {
    JsonObject answer =
        JsonParser.parseString(post("/api/workers/generate-script", "{}").body()).getAsJsonObject();

    assertThat(answer.get("installCommand").getAsString())
        .contains(answer.get("token").getAsString());
  }

  private static JsonObject release(JsonObject answer) {
    return answer.getAsJsonObject("service").getAsJsonObject("status").getAsJsonObject("release");
  }

  private HttpResponse<String> post(String path, String body) {
    return skep()
        .send(
            skep()
                .authorized(path)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private int status(String path) {
    return skep().send(skep().authorized(path)).statusCode();
  }

  private Stream<String> follow(HttpRequest.Builder request) {
    HttpResponse<Stream<String>> answer = skep().send(request, HttpResponse.BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("text/event-stream");
    return answer.body();
  }

  /** The data after this line. */
  private static JsonObject event(Iterator<String> lines, String id) {
    String line = lines.next();
    while (!line.equals(id)) {
      line = lines.next();
    }
    return data(lines);
  }

  private static JsonObject data(Iterator<String> lines) {
    String line = lines.next();
    while (!line.startsWith("data: ")) {
      line = lines.next();
    }
    return JsonParser.parseString(line.substring(6)).getAsJsonObject();
  }

  private static int replicas(Iterator<String> lines) {
    return data(lines)
        .getAsJsonObject("service")
        .getAsJsonObject("spec")
        .get("replicas")
        .getAsInt();
  }

  /** The sequence number of the first event with this word. */
  private static long until(Iterator<String> lines, String word) {
    JsonObject event = data(lines);
    while (!event.toString().contains(word)) {
      event = data(lines);
    }
    return event.get("sequence").getAsLong();
  }

  private static void readToTheEnd(Iterator<String> lines) {
    while (lines.hasNext()) {
      lines.next();
    }
  }

  private void create(String name) {
    var _ = ServicesServiceGrpc.newBlockingStub(skep().people()).createService(request(name));
  }

  private CreateServiceRequest request(String name) {
    return CreateServiceRequest.newBuilder()
        .setName(name)
        .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
        .build();
  }

  private void scale(String name, int replicas) {
    var _ =
        ServicesServiceGrpc.newBlockingStub(skep().people())
            .scaleService(
                ScaleServiceRequest.newBuilder().setService(name).setReplicas(replicas).build());
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
