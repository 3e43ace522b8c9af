package dev.skep.controlplane;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.Member;
import dev.skep.v1.Permission;
import dev.skep.v1.Role;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every call of the people's port, by everybody, and with what belongs to others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessMatrixTest {
  private static final String SECRET_NAME = "canary-of-acme";

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane skep;
  private @Nullable TestTenant acme;

  @BeforeAll
  void start(@TempDir Path directory) {
    skep = new TestControlPlane(directory);
    acme = new TestTenant(skep, "acme");
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void everyCallIsHere() throws Exception {
    assertThat(AnyCall.all().stream().map(AnyCall::service).distinct())
        .containsExactlyInAnyOrderElementsOf(
            services().stream().filter(name -> name.startsWith("skep.")).toList());
    assertThat(AnyCall.all()).extracting(AnyCall::needs).doesNotContain(Permission.UNRECOGNIZED);
  }

  /** The file is written by hand: who shall be able to do what. */
  @Test
  void rolesMayDoWhatTheListSaysAndNothingElse() throws IOException {
    TestTenant tenant = new TestTenant(skep(), "matrix");
    Map<String, Asker> callers = new LinkedHashMap<>();
    for (Role role : Role.values()) {
      if (role != Role.ROLE_UNSPECIFIED && role != Role.UNRECOGNIZED) {
        callers.put(
            role.name().replace("ROLE_", "").toLowerCase(Locale.ROOT),
            new Asker(tenant.as(role), ""));
      }
    }
    callers.put("platform", new Asker(tenant.platform(), ""));
    Channel grantee = grantee(tenant, service(tenant, "granted"));
    callers.put("grantee", new Asker(grantee, "granted"));
    callers.put("grantee-elsewhere", new Asker(grantee, service(tenant, "other")));
    Channel narrowed = narrowed(tenant, service(tenant, "named"));
    callers.put("narrowed", new Asker(narrowed, "named"));
    callers.put("narrowed-elsewhere", new Asker(narrowed, "other"));
    List<String> allowed =
        AnyCall.all().stream()
            // After the others, which need the service.
            .sorted(comparing(call -> call.name().equals("DeleteService")))
            .map(call -> (call.name() + ": " + allowed(call, callers)).strip())
            .toList();

    assertThat(String.join("\n", allowed.stream().sorted().toList())).isEqualTo(list());
  }

  /** Somebody, and the service that is meant where a call is about one. */
  private record Asker(Channel channel, String service) {}

  private static String allowed(AnyCall call, Map<String, Asker> callers) {
    return callers.entrySet().stream()
        .filter(
            caller ->
                call.make(caller.getValue().channel, call.about(caller.getValue().service))
                        .getCode()
                    != Status.Code.PERMISSION_DENIED)
        .map(Map.Entry::getKey)
        .collect(joining(" "));
  }

  private String service(TestTenant tenant, String name) {
    var _ =
        ServicesServiceGrpc.newBlockingStub(tenant.platform())
            .createService(
                CreateServiceRequest.newBuilder()
                    .setName(name)
                    .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                    .build());
    return name;
  }

  /** A program that belongs to the organization and may deploy one service. */
  private Channel grantee(TestTenant tenant, String service) {
    Member program = tenant.program("grantee", Role.ROLE_MEMBER);
    tenant.grant(service, program, Role.ROLE_DEPLOYER);
    return skep().people(tenant.token(program).getSecret());
  }

  /** With a token that could do everything in the organization if it was not for one service. */
  private Channel narrowed(TestTenant tenant, String service) {
    Member program = tenant.program("narrowed", Role.ROLE_ADMIN);
    return skep().people(tenant.token(program, service).getSecret());
  }

  /** What is there and what is not has the same answer, in the own organization and elsewhere. */
  @Test
  void whoMayOneServiceLearnsOfNoOther() {
    TestTenant tenant = new TestTenant(skep(), "single");
    String own = service(tenant, "own");
    String hidden = service(tenant, "hidden-canary");
    TestTenant others = new TestTenant(skep(), "others");
    String foreign = service(others, "foreign-canary");

    for (Channel caller : List.of(grantee(tenant, own), narrowed(tenant, own))) {
      for (AnyCall call : AnyCall.all()) {
        if (call.isAboutOneService()) {
          String nowhere = words(call.make(caller, call.texts("nowhere")), "nowhere");
          assertThat(nowhere).as(call.name()).startsWith("PERMISSION_DENIED");
          assertThat(words(call.make(caller, call.texts(hidden)), hidden)).isEqualTo(nowhere);
          assertThat(words(call.make(caller, call.texts(foreign)), foreign)).isEqualTo(nowhere);
        }
      }
      assertThat(
              ServicesServiceGrpc.newBlockingStub(caller)
                  .listServices(ListServicesRequest.getDefaultInstance())
                  .getServicesList())
          .extracting(Service::getName)
          .containsExactly(own);
    }
  }

  @Test
  void nobodyDoesAnythingWithoutAToken() {
    Channel nobody = skep().people("");

    for (AnyCall call : AnyCall.all()) {
      assertThat(call.make(nobody, call.empty()).getCode())
          .as(call.name())
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  /** What is there for others and what is nowhere have the same answer. */
  @Test
  void whatBelongsToOthersIsNotThere() {
    var admin = acme().program(Role.ROLE_ADMIN);
    var token = acme().token(admin);
    Channel inAcme = skep().people(token.getSecret());
    String service =
        ServicesServiceGrpc.newBlockingStub(inAcme)
            .createService(
                CreateServiceRequest.newBuilder()
                    .setName(SECRET_NAME)
                    .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                    .build())
            .getService()
            .getId();
    Channel stranger = new TestTenant(skep(), "evil").as(Role.ROLE_ADMIN);
    List<String> foreign =
        List.of(
            service,
            SECRET_NAME,
            admin.getUserId(),
            admin.getUserName(),
            token.getToken().getId(),
            acme().organization().getId(),
            acme().organization().getName());

    for (AnyCall call : AnyCall.all()) {
      for (String id : foreign) {
        String nowhere = id.length() == 36 ? id.substring(0, 24) + "000000000000" : "nowhere";
        assertThat(words(call.make(stranger, call.texts(id)), id))
            .as(call.name() + " of " + id)
            .isEqualTo(words(call.make(stranger, call.texts(nowhere)), nowhere))
            .doesNotContain(SECRET_NAME);
      }
    }
  }

  @Test
  void aTokenIsForOneOrganization() {
    Channel viewer = new TestTenant(skep(), "third").as(Role.ROLE_VIEWER);
    AnyCall call =
        AnyCall.all().stream()
            .filter(c -> c.name().equals("ListServices"))
            .findFirst()
            .orElseThrow();

    for (String other : List.of("acme", acme().organization().getId(), "nowhere")) {
      Status status = call.make(TestTenant.in(viewer, other), call.empty());
      assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(status.getDescription())
          .isEqualTo("there is no organization \"" + other + "\" for this token");
    }
  }

  private static String words(Status status, String id) {
    return status.getCode() + " " + String.valueOf(status.getDescription()).replace(id, "ID");
  }

  private static String list() throws IOException {
    try (InputStream in = AccessMatrixTest.class.getResourceAsStream("/access-matrix.txt")) {
      return Stream.of(
              new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                  .split("\n"))
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .sorted()
          .collect(joining("\n"));
    }
  }

  /** What the server itself says that it serves. */
  private List<String> services() throws Exception {
    var answer = new CompletableFuture<List<String>>();
    StreamObserver<ServerReflectionRequest> asked =
        ServerReflectionGrpc.newStub(skep().people())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(
                        response.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName)
                            .toList());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    asked.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    List<String> names = answer.get(10, TimeUnit.SECONDS);
    asked.onCompleted();
    return names;
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(skep);
  }

  private TestTenant acme() {
    return Objects.requireNonNull(acme);
  }
}
