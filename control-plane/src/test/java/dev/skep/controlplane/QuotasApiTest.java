package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.EndQuotaOverridesRequest;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListQuotasRequest;
import dev.skep.v1.OverrideQuotasRequest;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.Quota;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaResource;
import dev.skep.v1.QuotasServiceGrpc;
import dev.skep.v1.QuotasServiceGrpc.QuotasServiceBlockingStub;
import dev.skep.v1.Role;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.SecretUse;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.ServicesServiceGrpc.ServicesServiceBlockingStub;
import dev.skep.v1.StopServiceRequest;
import dev.skep.v1.UpdateQuotasRequest;
import dev.skep.v1.VolumeMount;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

/** What happens at limits, with everything behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QuotasApiTest {
  private static final int TOKEN_LIMIT = 500;
  private static final VolumeMount DATA =
      VolumeMount.newBuilder().setName("data").setPath("/data").build();

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started =
        new TestControlPlane(
            directory, Map.of("SKEP_TOKEN_REQUESTS_PER_MINUTE", Integer.toString(TOKEN_LIMIT)));
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void twoHundredAtOnceNeverGoAboveTheLimit() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "race");
    var services = ServicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    create(services, "first");
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_SERVICES, 2);

    Map<String, Long> answers;
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      answers =
          executor
              .invokeAll(
                  IntStream.range(0, 200)
                      .<Callable<String>>mapToObj(i -> () -> attempt(services, "s" + i))
                      .toList())
              .stream()
              .map(future -> future.resultNow())
              .collect(Collectors.groupingBy(answer -> answer, Collectors.counting()));
    }

    assertThat(answers).isEqualTo(Map.of("made", 1L, "QUOTA_EXCEEDED", 199L));
    assertThat(quota(tenant.platform(), QuotaResource.QUOTA_RESOURCE_SERVICES).getUsed())
        .isEqualTo(2);
    assertThat(quota(tenant.platform(), QuotaResource.QUOTA_RESOURCE_REPLICAS).getUsed())
        .as("what was refused took nothing")
        .isEqualTo(2);
  }

  @Test
  void aRefusalNamesLimitUsedAndAsked() throws InvalidProtocolBufferException {
    TestTenant tenant = new TestTenant(skep(), "refused");
    var services = ServicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    create(services, "web");
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_CPU, 500);

    StatusRuntimeException refusal =
        org.junit.jupiter.api.Assertions.assertThrows(
            StatusRuntimeException.class, () -> scale(services, "web", 3));

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refusal.getStatus().getDescription())
        .contains("not enough cpu: the limit is 0.5 cores, 0.25 cores used")
        .contains("asks for 0.5 cores more", "scale down", "platform admin");
    List<Any> details = Objects.requireNonNull(StatusProto.fromThrowable(refusal)).getDetailsList();
    assertThat(details.getFirst().unpack(ErrorInfo.class).getReason()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(details.getFirst().unpack(ErrorInfo.class).getMetadataMap())
        .isEqualTo(Map.of("resource", "cpu", "limit", "500", "used", "250", "asked", "500"));
    assertThat(details.getLast().unpack(QuotaFailure.class).getViolations(0).getSubject())
        .isEqualTo("cpu");

    HttpResponse<String> rest =
        skep()
            .send(
                skep()
                    .authorized("/api/containers/services/web/scale")
                    .header("skep-organization", "refused")
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString("{\"replicas\": 3}")));
    assertThat(rest.statusCode()).as(rest.body()).isEqualTo(507);
    JsonObject body = JsonParser.parseString(rest.body()).getAsJsonObject();
    assertThat(body.get("code").getAsString()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(body.getAsJsonArray("fields").get(0).getAsJsonObject().get("field").getAsString())
        .isEqualTo("cpu");
  }

  @Test
  void aStoppedServiceGivesBackAndHasToFitAgain() {
    TestTenant tenant = new TestTenant(skep(), "stopped");
    var services = ServicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_REPLICAS, 1);
    create(services, "a");
    refused("QUOTA_EXCEEDED", () -> create(services, "b"));

    var _ = services.stopService(StopServiceRequest.newBuilder().setService("a").build());
    create(services, "b");

    assertThat(quota(tenant.platform(), QuotaResource.QUOTA_RESOURCE_SERVICES).getUsed())
        .isEqualTo(2);
    refused(
        "QUOTA_EXCEEDED",
        () ->
            services.startService(
                dev.skep.v1.StartServiceRequest.newBuilder().setService("a").build()));
  }

  @Test
  void aLowerLimitStopsNothingAndAnOverrideLetsMoreIn() {
    TestTenant tenant = new TestTenant(skep(), "lowered");
    var services = ServicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    create(services, "a");
    create(services, "b");

    Quota lowered = limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_SERVICES, 1);
    assertThat(lowered.getUsed()).isEqualTo(2);
    assertThat(lowered.getPercent()).isEqualTo(200);
    assertThat(lowered.getGraceEndTime().getSeconds())
        .isGreaterThan(Instant.now().getEpochSecond() + 6 * 86_400);
    refused("QUOTA_EXCEEDED", () -> create(services, "c"));
    scale(services, "a", 2);

    var _ =
        quotas(tenant.platform())
            .overrideQuotas(
                OverrideQuotasRequest.newBuilder()
                    .addLimits(limit(QuotaResource.QUOTA_RESOURCE_SERVICES, 3))
                    .setEndTime(in(3600))
                    .setReason("a fair")
                    .build());
    create(services, "c");
    Quota overridden = quota(tenant.as(Role.ROLE_BILLING), QuotaResource.QUOTA_RESOURCE_SERVICES);
    assertThat(overridden.getLimit()).isEqualTo(3);
    assertThat(overridden.getBaseLimit()).isEqualTo(1);
    assertThat(overridden.getOverride().getAuthor()).isEqualTo("admin");
    assertThat(overridden.hasGraceEndTime()).isFalse();

    var _ =
        quotas(tenant.platform()).endQuotaOverrides(EndQuotaOverridesRequest.getDefaultInstance());
    refused("QUOTA_EXCEEDED", () -> create(services, "d"));
    AuditEntry written =
        AuditServiceGrpc.newBlockingStub(tenant.platform())
            .listAuditEntries(ListAuditEntriesRequest.newBuilder().setPageSize(200).build())
            .getEntriesList()
            .stream()
            .filter(entry -> entry.getAction().equals("OverrideQuotas"))
            .findFirst()
            .orElseThrow();
    assertThat(written.getBefore()).contains("\"limit\":\"1\"");
    assertThat(written.getRequest()).contains("a fair", "\"limit\":\"3\"");
  }

  @Test
  void whatIsWrongWithALimitIsNamed() {
    assertThatThrownBy(
            () ->
                quotas(skep().people())
                    .overrideQuotas(
                        OverrideQuotasRequest.newBuilder()
                            .addLimits(limit(QuotaResource.QUOTA_RESOURCE_API_REQUESTS, -1))
                            .addLimits(limit(QuotaResource.QUOTA_RESOURCE_UNSPECIFIED, 1))
                            .setEndTime(in(-5))
                            .build()))
        .hasMessageContaining("limits[0].limit: -1 is out of range; use 0 to")
        .hasMessageContaining("(and 3 more)");
  }

  @Test
  void callsBeyondTheMinuteAreRefusedWithTheTimeToWait() {
    TestTenant tenant = new TestTenant(skep(), "busy");
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_API_REQUESTS, 5);
    String token = tenant.token(tenant.program(Role.ROLE_VIEWER)).getSecret();
    for (int i = 0; i < 5; i++) {
      assertThat(list(token).statusCode()).isEqualTo(200);
    }

    HttpResponse<String> refused = list(token);

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
    assertThat(refused.headers().firstValueAsLong("retry-after").orElseThrow()).isBetween(1L, 60L);
    assertThat(refused.body())
        .contains("RATE_LIMITED", "organization busy may make 5 calls a minute", "try again in");
    assertThat(quota(tenant.platform(), QuotaResource.QUOTA_RESOURCE_API_REQUESTS).getUsed())
        .as("a platform admin still comes in")
        .isEqualTo(5);
  }

  @Test
  void aLimitOfNoCallsLetsNoneThrough() {
    TestTenant tenant = new TestTenant(skep(), "silent");
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_API_REQUESTS, 0);
    String token = tenant.token(tenant.program(Role.ROLE_VIEWER)).getSecret();

    HttpResponse<String> refused = list(token);

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
    assertThat(refused.body()).contains("RATE_LIMITED", "may make no calls", "platform admin");
    assertThat(refused.headers().firstValue("retry-after")).as("waiting does not help").isEmpty();
  }

  @Test
  void aPlanIsRefusedWhereTheRealCallIs() {
    TestTenant tenant = new TestTenant(skep(), "planner");
    var services = ServicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    create(services, "web");
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_REPLICAS, 3);
    limit(tenant.platform(), QuotaResource.QUOTA_RESOURCE_STORAGE, 0);

    assertThat(reason(() -> plan(services, "more", spec().setReplicas(2)))).isEqualTo("made");
    refused("QUOTA_EXCEEDED", () -> plan(services, "more", spec().setReplicas(3)));
    refused("QUOTA_EXCEEDED", () -> plan(services, "data", spec().addVolumes(DATA)));
    assertThat(reason(() -> planReplicas(services, 3))).isEqualTo("made");
    refused("QUOTA_EXCEEDED", () -> planReplicas(services, 4));
    refused(
        "INVALID_FIELD",
        () -> plan(services, "key", spec().addSecrets(SecretUse.newBuilder().setSecret("none"))));
    assertThat(quota(tenant.platform(), QuotaResource.QUOTA_RESOURCE_REPLICAS).getUsed())
        .as("a plan takes nothing")
        .isEqualTo(1);
  }

  private static void plan(
      ServicesServiceBlockingStub services, String name, ServiceSpec.Builder spec) {
    var _ =
        services.planService(
            PlanServiceRequest.newBuilder().setService(name).setSpec(spec).build());
  }

  private static void planReplicas(ServicesServiceBlockingStub services, int replicas) {
    var _ =
        services.planService(
            PlanServiceRequest.newBuilder()
                .setService("web")
                .setSpec(ServiceSpec.newBuilder().setReplicas(replicas))
                .setUpdateMask(FieldMask.newBuilder().addPaths("replicas"))
                .build());
  }

  private ServiceSpec.Builder spec() {
    return ServiceSpec.newBuilder().setImage(registry.image("app:1"));
  }

  @Test
  void aTokenHasALimitOfItsOwn() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "eager");
    String eager = tenant.token(tenant.program(Role.ROLE_VIEWER)).getSecret();
    var calls = quotas(skep().people(eager));
    Map<String, Long> answers;
    try (var executor = Executors.newFixedThreadPool(8)) {
      answers =
          executor
              .invokeAll(
                  IntStream.range(0, TOKEN_LIMIT + 10)
                      .<Callable<String>>mapToObj(
                          i ->
                              () ->
                                  reason(
                                      () ->
                                          calls.listQuotas(ListQuotasRequest.getDefaultInstance())))
                      .toList())
              .stream()
              .map(future -> future.resultNow())
              .collect(Collectors.groupingBy(answer -> answer, Collectors.counting()));
    }

    assertThat(answers).isEqualTo(Map.of("made", (long) TOKEN_LIMIT, "RATE_LIMITED", 10L));
    assertThat(list(skep().token()).statusCode()).as("another token").isEqualTo(200);
  }

  private HttpResponse<String> list(String token) {
    return skep()
        .send(skep().request("/api/quotas").header("authorization", "Bearer " + token).GET());
  }

  private String attempt(ServicesServiceBlockingStub services, String name) {
    return reason(() -> create(services, name));
  }

  private static String reason(Runnable call) {
    try {
      call.run();
      return "made";
    } catch (StatusRuntimeException e) {
      return dev.skep.controlplane.rpc.Errors.reason(e.getStatus(), e.getTrailers());
    }
  }

  private static void refused(String reason, Runnable call) {
    assertThat(reason(call)).isEqualTo(reason);
  }

  private void create(ServicesServiceBlockingStub services, String name) {
    var _ =
        services.createService(
            CreateServiceRequest.newBuilder().setName(name).setSpec(spec()).build());
  }

  private static void scale(ServicesServiceBlockingStub services, String name, int replicas) {
    var _ =
        services.scaleService(
            ScaleServiceRequest.newBuilder().setService(name).setReplicas(replicas).build());
  }

  private static Quota limit(Channel platform, QuotaResource resource, long limit) {
    var _ =
        quotas(platform)
            .updateQuotas(
                UpdateQuotasRequest.newBuilder().addLimits(limit(resource, limit)).build());
    return quota(platform, resource);
  }

  private static QuotaLimit limit(QuotaResource resource, long limit) {
    return QuotaLimit.newBuilder().setResource(resource).setLimit(limit).build();
  }

  private static Quota quota(Channel channel, QuotaResource resource) {
    return quotas(channel)
        .listQuotas(ListQuotasRequest.getDefaultInstance())
        .getQuotasList()
        .stream()
        .filter(quota -> quota.getResource() == resource)
        .findFirst()
        .orElseThrow();
  }

  private static QuotasServiceBlockingStub quotas(Channel channel) {
    return QuotasServiceGrpc.newBlockingStub(channel);
  }

  private static Timestamp in(long seconds) {
    return Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond() + seconds).build();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
