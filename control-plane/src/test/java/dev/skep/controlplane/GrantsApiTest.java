package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.CreateSecretRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.DeleteVolumeRequest;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.Grant;
import dev.skep.v1.GrantsServiceGrpc;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListGrantsRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListTokensRequest;
import dev.skep.v1.ListVolumesRequest;
import dev.skep.v1.Member;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.Permission;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.RemoveGrantRequest;
import dev.skep.v1.RemoveMemberRequest;
import dev.skep.v1.Role;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.SecretUse;
import dev.skep.v1.SecretsServiceGrpc;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.SetGrantRequest;
import dev.skep.v1.SetMemberRequest;
import dev.skep.v1.Token;
import dev.skep.v1.TokenServiceRef;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.UpdateServiceRequest;
import dev.skep.v1.Volume;
import dev.skep.v1.VolumesServiceGrpc;
import io.grpc.Channel;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What somebody may do on single services, by a grant or with a token that is for them alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GrantsApiTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;
  private @Nullable TestTenant current;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @BeforeEach
  void twoServices() {
    current = new TestTenant(skep(), "grants" + NUMBER.incrementAndGet());
    create("web", ServiceSpec.getDefaultInstance());
    create("api", ServiceSpec.getDefaultInstance());
  }

  @Test
  void aGrantAddsToTheRoleOnItsServiceAlone() {
    Member viewer = tenant().program("v", Role.ROLE_VIEWER);
    Channel channel = as(viewer);
    assertRefused("PERMISSION_DENIED", () -> scale(channel, "web"));

    tenant().grant("web", viewer, Role.ROLE_OPERATOR);

    assertThat(scale(channel, "web").getSpec().getReplicas()).isEqualTo(2);
    String id = get(channel, "web").getId();
    assertThat(scale(channel, id).getName()).isEqualTo("web");
    assertRefused("PERMISSION_DENIED", () -> scale(channel, "api"));
    assertRefused("PERMISSION_DENIED", () -> plan(channel, "web", "latest"));
    assertThat(list(channel)).containsExactly("api", "web");

    tenant().grant("web", viewer, Role.ROLE_DEPLOYER);
    assertThat(plan(channel, "web", "2")).isTrue();
    var _ = grants().removeGrant(remove("web", viewer));
    assertRefused("PERMISSION_DENIED", () -> scale(channel, "web"));
    assertRefused("GRANT_NOT_FOUND", () -> grants().removeGrant(remove("web", viewer)));
  }

  @Test
  void grantsAreForMembersAndServicesOfTheOrganizationAndRolesThatRunServices() {
    Member member = tenant().program("m", Role.ROLE_MEMBER);
    Member foreign = new TestTenant(skep(), "foreign").program("m2", Role.ROLE_MEMBER);

    assertRefused("USER_NOT_FOUND", () -> tenant().grant("web", foreign, Role.ROLE_VIEWER));
    assertRefused("SERVICE_NOT_FOUND", () -> tenant().grant("other", member, Role.ROLE_VIEWER));
    assertRefused("INVALID_FIELD", () -> tenant().grant("web", member, Role.ROLE_ADMIN));
    tenant().grant("web", member, Role.ROLE_VIEWER);
    tenant().grant("web", tenant().program("a", Role.ROLE_VIEWER), Role.ROLE_DEPLOYER);
    var page =
        grants()
            .listGrants(ListGrantsRequest.newBuilder().setService("web").setPageSize(1).build());
    assertThat(page.getGrantsList()).extracting(Grant::getUserName).containsExactly("a");
    assertThat(
            grants()
                .listGrants(
                    ListGrantsRequest.newBuilder()
                        .setService("web")
                        .setPageToken(page.getNextPageToken())
                        .build())
                .getGrantsList())
        .extracting(Grant::getUserName, Grant::getRole, Grant::getServiceName)
        .containsExactly(tuple("m", Role.ROLE_VIEWER, "web"));
  }

  @Test
  void grantsEndWithTheServiceAndWithTheMembership() throws SQLException {
    Member member = tenant().program("m", Role.ROLE_MEMBER);
    TestPerson person = TestPerson.create(skep(), "gone" + NUMBER.incrementAndGet());
    person.joins(tenant(), Role.ROLE_MEMBER);
    tenant().grant("web", member, Role.ROLE_DEPLOYER);
    var _ =
        grants()
            .setGrant(
                SetGrantRequest.newBuilder()
                    .setService("api")
                    .setUser(person.name())
                    .setRole(Role.ROLE_DEPLOYER)
                    .build());
    assertThat(count()).isEqualTo("2");

    var _ =
        ServicesServiceGrpc.newBlockingStub(tenant().platform())
            .deleteService(DeleteServiceRequest.newBuilder().setService("web").build());
    Await.until("the service is gone", () -> count().equals("1"));
    var members = MembersServiceGrpc.newBlockingStub(tenant().platform());
    var _ = members.removeMember(RemoveMemberRequest.newBuilder().setUser(person.name()).build());
    assertThat(count()).isEqualTo("0");
    var _ =
        members.setMember(
            SetMemberRequest.newBuilder().setUser(person.name()).setRole(Role.ROLE_MEMBER).build());
    assertRefused("PERMISSION_DENIED", () -> scale(person.signedIn(), "api"));
  }

  @Test
  void whoMayOneServiceUsesTheSecretsThatItHasAndNoOthers() {
    for (String secret : List.of("known", "hidden")) {
      var _ =
          SecretsServiceGrpc.newBlockingStub(tenant().platform())
              .createSecret(
                  CreateSecretRequest.newBuilder()
                      .setName(secret)
                      .setValue(ByteString.copyFromUtf8("value-of-" + secret))
                      .build());
    }
    create("db", using("known"));
    Member viewer = tenant().program("v", Role.ROLE_VIEWER);
    tenant().grant("db", viewer, Role.ROLE_DEPLOYER);
    Channel channel = as(viewer);

    assertThat(update(channel, using("known")).getName()).isEqualTo("db");
    assertRefused("PERMISSION_DENIED", () -> update(channel, using("hidden")));
    assertRefused("PERMISSION_DENIED", () -> update(channel, using("nowhere")));
    assertThat(update(tenant().platform(), using("hidden")).getName()).isEqualTo("db");
  }

  @Test
  void volumesAreSeenAndDeletedByThoseWhoMayTheirService() throws SQLException {
    volume("web");
    volume("api");
    Member operator = tenant().program("m", Role.ROLE_MEMBER);
    tenant().grant("web", operator, Role.ROLE_OPERATOR);
    var volumes = VolumesServiceGrpc.newBlockingStub(as(operator));

    assertThat(volumes.listVolumes(ListVolumesRequest.getDefaultInstance()).getVolumesList())
        .extracting(Volume::getServiceName)
        .containsExactly("web");
    var delete = DeleteVolumeRequest.newBuilder();
    assertRefused(
        "PERMISSION_DENIED", () -> volumes.deleteVolume(delete.setVolume("web.data").build()));
    tenant().grant("web", operator, Role.ROLE_DEPLOYER);
    assertRefused(
        "VOLUME_NOT_FOUND", () -> volumes.deleteVolume(delete.setVolume("api.data").build()));
    assertThat(volumes.deleteVolume(delete.setVolume("web.data").build())).isNotNull();
  }

  @Test
  void aTokenForOneServiceDoesNothingElse() {
    Member admin = tenant().program("ci", Role.ROLE_ADMIN);
    var created = tenant().token(admin, "web", "web");
    Channel token = skep().people(created.getSecret());

    assertThat(created.getToken().getServicesList())
        .extracting(TokenServiceRef::getServiceName)
        .containsExactly("web");
    assertThat(scale(token, "web").getName()).isEqualTo("web");
    assertThat(list(token)).containsExactly("web");
    assertThat(Refused.message(() -> scale(token, "api")))
        .contains("the token of this call is for web alone");
    assertRefused("PERMISSION_DENIED", () -> create(token, "third"));
    assertRefused(
        "PERMISSION_DENIED",
        () ->
            TokensServiceGrpc.newBlockingStub(token)
                .createToken(CreateTokenRequest.newBuilder().setName("wider").build()));
    assertRefused("INVALID_FIELD", () -> tenant().token(admin, "nowhere"));
  }

  @Test
  void aTokenIsNarrowedToServicesAndPermissionsAtOnce() {
    Member member = tenant().program("m", Role.ROLE_MEMBER);
    tenant().grant("web", member, Role.ROLE_DEPLOYER);
    String reading =
        TokensServiceGrpc.newBlockingStub(tenant().platform())
            .createToken(
                CreateTokenRequest.newBuilder()
                    .setName("reading")
                    .setUser(member.getUserId())
                    .addPermissions(Permission.PERMISSION_SERVICES_READ)
                    .build())
            .getSecret();
    Channel both = skep().people(tenant().token(member, "web", "api").getSecret());

    assertThat(get(skep().people(reading), "web").getName()).isEqualTo("web");
    assertRefused("PERMISSION_DENIED", () -> scale(skep().people(reading), "web"));
    assertThat(scale(both, "web").getName()).isEqualTo("web");
    assertRefused("PERMISSION_DENIED", () -> get(both, "api"));
    assertThat(list(both)).containsExactly("web");
  }

  /** The names of services that are gone can be used again. */
  @Test
  void aTokenWhoseServicesAreDeletedIsForNothing() throws SQLException {
    Member admin = tenant().program("ci", Role.ROLE_ADMIN);
    Channel token = skep().people(tenant().token(admin, "web").getSecret());
    assertThat(
            ServicesServiceGrpc.newBlockingStub(token)
                .deleteService(DeleteServiceRequest.newBuilder().setService("web").build()))
        .isNotNull();
    Await.until("the service is gone", () -> list(tenant().platform()).equals(List.of("api")));
    create("web", ServiceSpec.getDefaultInstance());

    assertRefused("PERMISSION_DENIED", () -> list(token));
    assertRefused("PERMISSION_DENIED", () -> get(token, "web"));
    assertThat(
            TokensServiceGrpc.newBlockingStub(tenant().platform())
                .listTokens(ListTokensRequest.getDefaultInstance())
                .getTokensList())
        .filteredOn(t -> t.getUserName().equals("ci"))
        .flatExtracting(Token::getServicesList)
        .extracting(TokenServiceRef::getServiceName)
        .containsExactly("");
  }

  /** Somebody without any role learns by a token of theirs what there is. */
  @Test
  void aTokenIsForServicesThatItsMakerMaySee() {
    TestPerson person = TestPerson.create(skep(), "maker" + NUMBER.incrementAndGet());
    Channel channel = person.joins(tenant(), Role.ROLE_MEMBER).signedIn();
    var tokens = TokensServiceGrpc.newBlockingStub(channel);
    var request = CreateTokenRequest.newBuilder().setName("t").addServices("web").build();

    assertRefused("INVALID_FIELD", () -> tokens.createToken(request));
    var _ =
        grants()
            .setGrant(
                SetGrantRequest.newBuilder()
                    .setService("web")
                    .setUser(person.name())
                    .setRole(Role.ROLE_VIEWER)
                    .build());
    assertThat(tokens.createToken(request).getToken().getServicesCount()).isEqualTo(1);
  }

  @Test
  void grantsAndWhatIsRefusedForThemAreWrittenDown() {
    Member member = tenant().program("m", Role.ROLE_MEMBER);
    tenant().grant("web", member, Role.ROLE_VIEWER);
    tenant().grant("web", member, Role.ROLE_OPERATOR);
    Channel channel = as(member);
    assertRefused("PERMISSION_DENIED", () -> scale(channel, "api"));
    assertThat(scale(channel, "web").getName()).isEqualTo("web");

    Await.until("the entries have their places", () -> entries("ScaleService").size() == 2);
    assertThat(entries("SetGrant"))
        .extracting(AuditEntry::getResource, AuditEntry::getBefore)
        .contains(tuple("web", "{\"role\":\"ROLE_VIEWER\"}"));
    assertThat(entries("ScaleService"))
        .extracting(AuditEntry::getResource, AuditEntry::getOutcome, AuditEntry::getUserName)
        .containsExactlyInAnyOrder(
            tuple("api", "PERMISSION_DENIED", "m"), tuple("web", "DONE", "m"));
  }

  @Test
  void overRestAsWellAndAnAnswerIsNotGivenAgainWhenTheGrantIsGone() {
    Member member = tenant().program("m", Role.ROLE_MEMBER);
    String grant = "/api/containers/services/web/grants/m";
    var set =
        skep()
            .send(
                skep()
                    .authorized(grant)
                    .header("skep-organization", tenant().organization().getName())
                    .header("content-type", "application/json")
                    .PUT(BodyPublishers.ofString("{\"role\": \"ROLE_DEPLOYER\"}")));
    assertThat(set.statusCode()).isEqualTo(200);
    String token = tenant().token(member).getSecret();

    assertThat(stop(token, "web")).isEqualTo(200);
    assertThat(stop(token, "web")).as("the first answer").isEqualTo(200);
    assertThat(stop(token, "api")).isEqualTo(403);
    var removed =
        skep()
            .send(
                skep()
                    .authorized(grant)
                    .header("skep-organization", tenant().organization().getName())
                    .DELETE());
    assertThat(removed.statusCode()).isEqualTo(200);
    assertThat(stop(token, "web")).isEqualTo(403);
  }

  private int stop(String token, String service) {
    return skep()
        .send(
            skep()
                .request("/api/containers/services/" + service + "/stop")
                .header("authorization", "Bearer " + token)
                .header("content-type", "application/json")
                .header("idempotency-key", "stop-" + service)
                .POST(BodyPublishers.ofString("{}")))
        .statusCode();
  }

  private List<AuditEntry> entries(String action) {
    return AuditServiceGrpc.newBlockingStub(tenant().platform())
        .listAuditEntries(ListAuditEntriesRequest.newBuilder().setPageSize(200).build())
        .getEntriesList()
        .stream()
        .filter(entry -> entry.getAction().equals(action))
        .toList();
  }

  private void volume(String service) throws SQLException {
    var _ =
        skep()
            .sql(
                """
                insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)
                select gen_random_uuid(), organization_id, cluster_id, id, name, 'data', gen_random_uuid(), 'gone'
                from container_services where name = '%s' and organization_id = '%s'
                """
                    .formatted(service, tenant().organization().getId()));
  }

  private void create(String name, ServiceSpec spec) {
    var _ =
        ServicesServiceGrpc.newBlockingStub(tenant().platform())
            .createService(
                CreateServiceRequest.newBuilder()
                    .setName(name)
                    .setSpec(spec.toBuilder().setImage(registry.image("app:1")))
                    .build());
  }

  private Service create(Channel channel, String name) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .createService(
            CreateServiceRequest.newBuilder()
                .setName(name)
                .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                .build())
        .getService();
  }

  private static ServiceSpec using(String secret) {
    return ServiceSpec.newBuilder()
        .addSecrets(SecretUse.newBuilder().setSecret(secret).setEnv("VALUE"))
        .build();
  }

  private static Service update(Channel channel, ServiceSpec spec) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .updateService(
            UpdateServiceRequest.newBuilder()
                .setService("db")
                .setSpec(spec)
                .setUpdateMask(FieldMask.newBuilder().addPaths("secrets"))
                .build())
        .getService();
  }

  /** Whether another value of a variable would be a new release. */
  private static boolean plan(Channel channel, String service, String value) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .planService(
            PlanServiceRequest.newBuilder()
                .setService(service)
                .setSpec(ServiceSpec.newBuilder().putEnv("A", value))
                .setUpdateMask(FieldMask.newBuilder().addPaths("env"))
                .build())
        .getNewRelease();
  }

  private static Service scale(Channel channel, String service) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .scaleService(ScaleServiceRequest.newBuilder().setService(service).setReplicas(2).build())
        .getService();
  }

  private static Service get(Channel channel, String service) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .getService(GetServiceRequest.newBuilder().setService(service).build())
        .getService();
  }

  private static List<String> list(Channel channel) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .listServices(ListServicesRequest.getDefaultInstance())
        .getServicesList()
        .stream()
        .map(Service::getName)
        .toList();
  }

  private String count() {
    try {
      return skep()
          .sql(
              "select count(*) from service_grants where organization_id = '"
                  + tenant().organization().getId()
                  + "'")
          .getFirst();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static RemoveGrantRequest remove(String service, Member member) {
    return RemoveGrantRequest.newBuilder()
        .setService(service)
        .setUser(member.getUserName())
        .build();
  }

  private GrantsServiceGrpc.GrantsServiceBlockingStub grants() {
    return GrantsServiceGrpc.newBlockingStub(tenant().platform());
  }

  private Channel as(Member member) {
    return skep().people(tenant().token(member).getSecret());
  }

  private TestTenant tenant() {
    return Objects.requireNonNull(current);
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
