package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateServiceResponse;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.CreateTokenResponse;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListTokensRequest;
import dev.skep.v1.RestartServiceRequest;
import dev.skep.v1.Role;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.ServicesServiceGrpc.ServicesServiceBlockingStub;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.UpdateServiceRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are made again, with everything behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IdempotencyTest {
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;
  private @Nullable TestTenant acme;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
    acme = new TestTenant(started, "acme");
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void theSameCallAgainGetsItsFirstAnswerAndChangesNothing() {
    Channel admin = tenant().platform();
    var keyed = services(keyed(admin, "create-web"));
    CreateServiceResponse first = keyed.createService(service("web"));
    scale(services(admin), "web", 3);

    assertThat(keyed.createService(service("web"))).isEqualTo(first);

    assertThat(replicas("web")).isEqualTo(3);
    assertThat(entries("CreateService", "web")).as("a replay is no change").hasSize(1);
  }

  @Test
  void aKeyIsForOneCall() {
    Channel admin = keyed(tenant().platform(), "one-call");
    var _ = services(admin).createService(service("only"));

    refused("IDEMPOTENCY_KEY_REUSED", () -> services(admin).createService(service("other")));
    refused("IDEMPOTENCY_KEY_REUSED", () -> scale(services(admin), "only", 2));
    assertThat(entries("ScaleService", "only").getFirst().getOutcome())
        .isEqualTo("IDEMPOTENCY_KEY_REUSED");
    var _ = services(admin).getService(GetServiceRequest.newBuilder().setService("only").build());
  }

  @Test
  void twentyAtOnceAreOneChange() throws Exception {
    Channel keyed = keyed(tenant().platform(), "twenty");
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var secrets =
          executor
              .invokeAll(
                  IntStream.range(0, 20)
                      .<Callable<String>>mapToObj(i -> () -> token(keyed, "twenty").getSecret())
                      .toList())
              .stream()
              .map(future -> future.resultNow())
              .collect(Collectors.toSet());
      assertThat(secrets).hasSize(1);
    }
    assertThat(
            TokensServiceGrpc.newBlockingStub(tenant().platform())
                .listTokens(ListTokensRequest.newBuilder().setPageSize(200).build())
                .getTokensList())
        .filteredOn(token -> token.getName().equals("twenty"))
        .hasSize(1);
  }

  @Test
  void aSecretComesAgainAndIsNotStoredInTheClear() throws SQLException {
    Channel keyed = keyed(tenant().platform(), "token-again");
    CreateTokenResponse first = token(keyed, "again");

    assertThat(token(keyed, "again")).isEqualTo(first);
    byte[] stored = bytes("select sealed from call_answers where key = 'token-again'");
    assertThat(new String(stored, StandardCharsets.ISO_8859_1))
        .doesNotContain(first.getSecret().substring(37));
  }

  @Test
  void whatWasRefusedMayBeTriedAgainWithTheSameKey() {
    Channel keyed = keyed(tenant().platform(), "second-try");
    refused("SERVICE_NOT_FOUND", () -> scale(services(keyed), "late", 2));
    refused("INVALID_FIELD", () -> services(keyed).createService(service("Not A Name")));

    var _ = services(keyed).createService(service("late"));
    assertThat(replicas("late")).isEqualTo(1);
  }

  @Test
  void keysOfOthersAndOldKeysAreNoKeysOfMine() throws SQLException {
    var restart = RestartServiceRequest.newBuilder().setService("shared").build();
    var _ = services(tenant().platform()).createService(service("shared"));
    var admin = services(keyed(tenant().platform(), "shared-key"));
    var other = services(keyed(tenant().as(Role.ROLE_OPERATOR), "shared-key"));

    String first = admin.restartService(restart).getService().getEtag();
    String second = other.restartService(restart).getService().getEtag();
    assertThat(second).isNotEqualTo(first);
    assertThat(admin.restartService(restart).getService().getEtag()).isEqualTo(first);

    sql("update call_answers set created_at = now() - interval '25 h' where key = 'shared-key'");
    assertThat(admin.restartService(restart).getService().getEtag())
        .isNotEqualTo(first)
        .isNotEqualTo(second);
  }

  @Test
  void anotherControlPlaneKnowsTheAnswer(@TempDir Path directory) throws Exception {
    CreateServiceResponse first =
        services(keyed(tenant().platform(), "elsewhere")).createService(service("elsewhere"));

    try (TestControlPlane another = skep().another(directory)) {
      Channel there = TestTenant.in(another.people(), "acme");
      assertThat(services(keyed(there, "elsewhere")).createService(service("elsewhere")))
          .isEqualTo(first);
    }
  }

  /** The connection ends while the server is at it; the database has both or nothing. */
  @Test
  void anAnswerThatNobodyHeardComesAgain() {
    var services = services(keyed(tenant().platform(), "unheard"));
    for (long micros = 500; ; micros *= 2) {
      try {
        var _ =
            services
                .withDeadlineAfter(micros, java.util.concurrent.TimeUnit.MICROSECONDS)
                .createService(service("unheard"));
        break;
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode())
            .as("never that the name is taken")
            .isIn(io.grpc.Status.Code.DEADLINE_EXCEEDED, io.grpc.Status.Code.UNAVAILABLE);
      }
    }

    assertThat(entries("CreateService", "unheard"))
        .filteredOn(entry -> entry.getOutcome().equals("DONE"))
        .hasSize(1);
  }

  @Test
  void updatesAreKeyedOverRestAsWell() {
    var _ = services(tenant().platform()).createService(service("rest"));
    String restart = "/api/containers/services/rest/restart";

    HttpResponse<String> first = post(restart, "rest-key");
    HttpResponse<String> again = post(restart, "rest-key");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(post("/api/containers/services/rest/stop", "rest-key").statusCode()).isEqualTo(409);
    assertThat(post(restart, "x".repeat(256)).body())
        .contains("INVALID_FIELD", "idempotency-key", "1 to 255 printable");
    assertThat(post(restart, "x".repeat(255)).statusCode()).isEqualTo(200);
  }

  @Test
  void mapsInAnyOrderAreTheSameCall() {
    Channel keyed = keyed(tenant().platform(), "maps");
    var one = service("maps").toBuilder();
    one.getSpecBuilder().putEnv("A", "1").putEnv("B", "2");
    var two = service("maps").toBuilder();
    two.getSpecBuilder().putEnv("B", "2").putEnv("A", "1");

    CreateServiceResponse first = services(keyed).createService(one.build());

    assertThat(services(keyed).createService(two.build())).isEqualTo(first);
  }

  /** An update reads, asks the registry, and then writes: the answer shows what was written. */
  @Test
  void theAnswerOfAKeyedUpdateIsThatOfAnyOther() {
    var _ = services(tenant().platform()).createService(service("both"));
    var update =
        UpdateServiceRequest.newBuilder()
            .setService("both")
            .setSpec(ServiceSpec.newBuilder().setReplicas(4))
            .setUpdateMask(com.google.protobuf.FieldMask.newBuilder().addPaths("replicas"))
            .build();

    var answer = services(keyed(tenant().platform(), "update")).updateService(update);

    assertThat(answer.getService().getSpec().getReplicas()).isEqualTo(4);
    assertThat(replicas("both")).isEqualTo(4);
    assertThat(entries("UpdateService", "both")).hasSize(1);
  }

  private HttpResponse<String> post(String path, String key) {
    return skep()
        .send(
            skep()
                .authorized(path)
                .header("skep-organization", "acme")
                .header("content-type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString("{}")));
  }

  private static CreateTokenResponse token(Channel channel, String name) {
    return TokensServiceGrpc.newBlockingStub(channel)
        .createToken(CreateTokenRequest.newBuilder().setName(name).build());
  }

  private static Channel keyed(Channel channel, String key) {
    Metadata headers = new Metadata();
    headers.put(KEY, key);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private CreateServiceRequest service(String name) {
    return CreateServiceRequest.newBuilder()
        .setName(name)
        .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
        .build();
  }

  private static void scale(ServicesServiceBlockingStub services, String name, int replicas) {
    var _ =
        services.scaleService(
            ScaleServiceRequest.newBuilder().setService(name).setReplicas(replicas).build());
  }

  private int replicas(String name) {
    return services(tenant().platform())
        .getService(GetServiceRequest.newBuilder().setService(name).build())
        .getService()
        .getSpec()
        .getReplicas();
  }

  private List<AuditEntry> entries(String action, String resource) {
    return AuditServiceGrpc.newBlockingStub(tenant().platform())
        .listAuditEntries(ListAuditEntriesRequest.newBuilder().setPageSize(200).build())
        .getEntriesList()
        .stream()
        .filter(e -> e.getAction().equals(action) && e.getResource().equals(resource))
        .toList();
  }

  private static void refused(String reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e ->
                assertThat(dev.skep.controlplane.rpc.Errors.reason(e.getStatus(), e.getTrailers()))
                    .isEqualTo(reason));
  }

  private static ServicesServiceBlockingStub services(Channel channel) {
    return ServicesServiceGrpc.newBlockingStub(channel);
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = connect();
        var one = connection.createStatement()) {
      one.execute(statement);
    }
  }

  private byte[] bytes(String query) throws SQLException {
    try (Connection connection = connect();
        var one = connection.createStatement();
        var rows = one.executeQuery(query)) {
      assertThat(rows.next()).isTrue();
      return rows.getBytes(1);
    }
  }

  private Connection connect() throws SQLException {
    var url = skep().database();
    return DriverManager.getConnection(url.jdbcUrl(), url.properties());
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }

  private TestTenant tenant() {
    return Objects.requireNonNull(acme);
  }
}
