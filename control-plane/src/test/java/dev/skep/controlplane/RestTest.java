package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.controlplane.rpc.RestRule;
import dev.skep.v1.Role;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What REST has of HTTP: conditions, masks, methods, compression, origins, and what it says of
 * itself.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestTest {
  private static final String SERVICES = "/api/containers/services";

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
    for (String name : new String[] {"web", "api", "worker"}) {
      String spec = "{\"image\":\"" + registry.image("app:1") + "\"}";
      assertThat(post(SERVICES, "{\"name\":\"" + name + "\",\"spec\":" + spec + "}").statusCode())
          .isEqualTo(200);
    }
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void readsSayHowLongTheyTookAndNothingElseDoes() {
    assertThat(get(SERVICES).headers().firstValue("server-timing").orElseThrow())
        .matches("total;dur=\\d+\\.\\d\\d");
    assertThat(scaleTo(1, "*").headers().firstValue("server-timing")).isEmpty();
  }

  @Test
  void aCallerWhoIsNotFoundOutYetHoldsNobodyUp() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "waiting");
    String token = tenant.token(tenant.program(Role.ROLE_VIEWER)).getSecret();
    var url = skep().database();
    CompletableFuture<HttpResponse<String>> held;
    try (var lock = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var sql = lock.createStatement();
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      lock.setAutoCommit(false);
      // Its first use is written down.
      sql.execute("select 1 from api_tokens where last_used_at is null for update");
      held =
          CompletableFuture.supplyAsync(
              () ->
                  skep().send(skep().request(SERVICES).header("authorization", "Bearer " + token)),
              executor);
      Await.until("it waits", this::somebodyWaitsForALock);
      assertThat(get(SERVICES).statusCode()).isEqualTo(200);
      assertThat(held).isNotDone();
      lock.rollback();
    }
    assertThat(held.join().statusCode()).isEqualTo(200);
  }

  private boolean somebodyWaitsForALock() {
    try {
      return !skep()
          .sql(
              "select 1 from pg_stat_activity"
                  + " where datname = current_database() and wait_event_type = 'Lock'")
          .isEmpty();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLostUpdateIsRefused() {
    String tag = tag(get(SERVICES + "/web"));
    HttpResponse<String> first = scaleTo(3, tag);
    HttpResponse<String> second = scaleTo(4, tag);

    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(second.statusCode()).isEqualTo(412);
    assertThat(code(second)).isEqualTo("ETAG_MISMATCH");
    assertThat(scaleTo(4, tag(first)).statusCode()).as("the answer has the new tag").isEqualTo(200);
    assertThat(scaleTo(5, "*").statusCode()).as("whatever is there").isEqualTo(200);
    assertThat(scaleTo(5, "three").statusCode()).isEqualTo(400);
  }

  @Test
  void aConditionThatCannotBeCheckedIsRefused() {
    HttpResponse<String> answer =
        skep()
            .send(
                skep()
                    .authorized(SERVICES + "/web/restart")
                    .header("if-match", "\"1-a\"")
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString("{}")));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("if-match");
  }

  @Test
  void whatIsTheSameIsNotSentAgain() {
    String tag = tag(get(SERVICES + "/api"));

    HttpResponse<String> again =
        skep().send(skep().authorized(SERVICES + "/api").header("if-none-match", tag));
    HttpResponse<String> weak =
        skep()
            .send(skep().authorized(SERVICES + "/api").header("if-none-match", "\"x\", W/" + tag));
    HttpResponse<String> other =
        skep().send(skep().authorized(SERVICES + "/worker").header("if-none-match", tag));

    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(tag(again)).isEqualTo(tag);
    assertThat(weak.statusCode()).isEqualTo(304);
    assertThat(other.statusCode()).isEqualTo(200);
  }

  @Test
  void anAnswerShowsTheFieldsThatWereAskedFor() {
    assertThat(get(SERVICES + "/api?fields=service.name,service.spec.replicas").body())
        .isEqualTo("{\"service\":{\"name\":\"api\",\"spec\":{\"replicas\":1}}}");
    assertThat(get(SERVICES + "?fields=services.name&fields=next_page_token&pageSize=2").body())
        .startsWith("{\"nextPageToken\":\"")
        .endsWith("\"services\":[{\"name\":\"api\"},{\"name\":\"web\"}]}");
  }

  @ParameterizedTest
  @CsvSource({"service.nmae", "name", "service.name.x", "service.spec.env.KEY", "."})
  void aFieldThatTheAnswerDoesNotHaveIsNamed(String path) {
    HttpResponse<String> answer = get(SERVICES + "/api?fields=" + path);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"field\":\"fields\"").contains(path);
  }

  @Test
  void aPageTokenThatWasChangedIsRefused() {
    String token =
        JsonParser.parseString(get(SERVICES + "?pageSize=1").body())
            .getAsJsonObject()
            .get("nextPageToken")
            .getAsString();

    assertThat(get(SERVICES + "?pageToken=" + token).statusCode()).isEqualTo(200);
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'A' ? 'E' : 'A';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      assertThat(get(SERVICES + "?pageToken=" + changed).body())
          .as(changed)
          .contains("page_token", "is not a token of an earlier answer");
    }
  }

  @Test
  void headAndOptionsSayWhatGetAndTheOthersWould() {
    HttpResponse<String> head =
        skep().send(skep().authorized(SERVICES + "/api").method("HEAD", BodyPublishers.noBody()));
    HttpResponse<String> options =
        skep()
            .send(skep().authorized(SERVICES + "/api").method("OPTIONS", BodyPublishers.noBody()));

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(tag(head)).isEqualTo(tag(get(SERVICES + "/api")));
    assertThat(options.statusCode()).isEqualTo(204);
    assertThat(options.headers().firstValue("allow")).contains("OPTIONS, GET, HEAD, PATCH, DELETE");
  }

  @Test
  void answersAreCompressedForWhoAcceptsThat() throws IOException {
    HttpResponse<byte[]> answer =
        skep()
            .send(
                skep().authorized(SERVICES).header("accept-encoding", "gzip"),
                BodyHandlers.ofByteArray());

    assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
    assertThat(answer.headers().firstValue("vary").orElse("")).contains("accept-encoding");
    try (InputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(answer.body()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(get(SERVICES).body());
    }
  }

  @Test
  void pagesOfConfiguredOriginsMayCallAndOthersMayNot() {
    assertThat(preflight(TestControlPlane.CORS_ORIGIN).firstValue("access-control-allow-origin"))
        .contains(TestControlPlane.CORS_ORIGIN);
    assertThat(preflight(TestControlPlane.CORS_ORIGIN).firstValue("access-control-allow-headers"))
        .hasValueSatisfying(headers -> assertThat(headers).contains("authorization", "if-match"));
    assertThat(preflight("https://evil.example.org").map())
        .doesNotContainKey("access-control-allow-origin");
    assertThat(
            skep()
                .send(skep().authorized(SERVICES).header("origin", TestControlPlane.CORS_ORIGIN))
                .headers()
                .firstValue("access-control-allow-origin"))
        .contains(TestControlPlane.CORS_ORIGIN);
  }

  private java.net.http.HttpHeaders preflight(String origin) {
    return skep()
        .send(
            skep()
                .request(SERVICES)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization")
                .method("OPTIONS", BodyPublishers.noBody()))
        .headers();
  }

  @Test
  void theDocumentHasEveryCallWithItsWords() {
    JsonObject document = openApi();
    TreeSet<String> found = new TreeSet<>();
    document
        .getAsJsonObject("paths")
        .entrySet()
        .forEach(
            path ->
                path.getValue()
                    .getAsJsonObject()
                    .keySet()
                    .forEach(
                        v ->
                            found.add(v.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
    TreeSet<String> calls = new TreeSet<>();
    AnyCall.all().stream()
        .flatMap(call -> RestRule.of(call.method()).stream())
        .forEach(rule -> calls.add(rule.verb() + " " + rule.path()));

    assertThat(found).isEqualTo(calls).hasSizeGreaterThan(50);
    JsonObject scale = operation(document, SERVICES + "/{service}/scale", "post");
    assertThat(scale.get("summary").getAsString()).startsWith("Sets the number of replicas");
    assertThat(scale.get("x-permission").getAsString()).isEqualTo("services-operate");
    assertThat(schema(document, "ScaleServiceRequest").getAsJsonObject("properties").keySet())
        .containsExactly("replicas");
    assertThat(
            schema(document, "ServiceSpec")
                .getAsJsonObject("properties")
                .getAsJsonObject("maxPerWorker")
                .get("description")
                .getAsString())
        .startsWith("Replicas of this service that one worker may have");
  }

  @Test
  void everythingInTheDocumentSaysWhatItIs() {
    JsonObject document = openApi();
    for (var path : document.getAsJsonObject("paths").entrySet()) {
      for (var verb : path.getValue().getAsJsonObject().entrySet()) {
        JsonObject operation = verb.getValue().getAsJsonObject();
        assertThat(operation.get("summary").getAsString()).as(path.getKey()).isNotBlank();
        assertThat(operation.getAsJsonObject("responses").has("default")).isTrue();
      }
    }
    for (var schema :
        document.getAsJsonObject("components").getAsJsonObject("schemas").entrySet()) {
      assertThat(schema.getValue().getAsJsonObject().get("description").getAsString())
          .as(schema.getKey())
          .isNotBlank();
    }
  }

  @Test
  void thePageForPeopleNeedsNothingFromElsewhereAndNoScript() {
    HttpResponse<String> page = skep().send(skep().request("/docs"));
    HttpResponse<String> style = skep().send(skep().request("/docs/style.css"));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-security-policy"))
        .hasValueSatisfying(
            policy -> assertThat(policy).contains("default-src 'none'").doesNotContain("unsafe"));
    assertThat(page.body())
        .contains("Sets the number of replicas", SERVICES + "/{service}/scale", "id=\"NAME_TAKEN\"")
        .doesNotContain("<script", "style=\"", "src=", "href=\"http", "null");
    assertThat(style.headers().firstValue("content-type").orElse("")).startsWith("text/css");
  }

  @Test
  void anErrorPointsToItsExplanation() {
    JsonObject error = JsonParser.parseString(get(SERVICES + "/none").body()).getAsJsonObject();
    String help = error.get("help").getAsString();

    assertThat(help).isEqualTo("/docs#SERVICE_NOT_FOUND");
    assertThat(skep().send(skep().request("/docs")).body())
        .contains("id=\"" + help.substring(help.indexOf('#') + 1) + "\"");
  }

  private JsonObject openApi() {
    HttpResponse<String> answer = skep().send(skep().request("/openapi.json"));
    assertThat(answer.statusCode()).isEqualTo(200);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private static JsonObject operation(JsonObject document, String path, String verb) {
    return document.getAsJsonObject("paths").getAsJsonObject(path).getAsJsonObject(verb);
  }

  private static JsonObject schema(JsonObject document, String name) {
    JsonElement schemas = document.getAsJsonObject("components").get("schemas");
    return schemas.getAsJsonObject().getAsJsonObject(name);
  }

  private HttpResponse<String> scaleTo(int replicas, String ifMatch) {
    return skep()
        .send(
            skep()
                .authorized(SERVICES + "/web")
                .header("if-match", ifMatch)
                .header("content-type", "application/json")
                .method(
                    "PATCH",
                    BodyPublishers.ofString(
                        "{\"spec\":{\"replicas\":" + replicas + "},\"updateMask\":\"replicas\"}")));
  }

  private HttpResponse<String> get(String path) {
    return skep().send(skep().authorized(path));
  }

  private HttpResponse<String> post(String path, String body) {
    return skep()
        .send(
            skep()
                .authorized(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body)));
  }

  private static String tag(HttpResponse<?> answer) {
    return answer.headers().firstValue("etag").orElseThrow();
  }

  private static String code(HttpResponse<String> answer) {
    return JsonParser.parseString(answer.body()).getAsJsonObject().get("code").getAsString();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
