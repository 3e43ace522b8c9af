package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.CreateOrganizationRequest;
import dev.skep.v1.CreateServiceAccountRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.CreateTokenResponse;
import dev.skep.v1.CreateUserRequest;
import dev.skep.v1.DeleteOrganizationRequest;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.DeploymentsServiceGrpc;
import dev.skep.v1.FollowDeploymentEventsRequest;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetInfoResponse;
import dev.skep.v1.GetOrganizationRequest;
import dev.skep.v1.GrantsServiceGrpc;
import dev.skep.v1.ListMembersRequest;
import dev.skep.v1.ListTokensRequest;
import dev.skep.v1.LogoutRequest;
import dev.skep.v1.LogsServiceGrpc;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.OrganizationsServiceGrpc;
import dev.skep.v1.Permission;
import dev.skep.v1.RemoveGrantRequest;
import dev.skep.v1.RemoveMemberRequest;
import dev.skep.v1.RevokeTokenRequest;
import dev.skep.v1.Role;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.SetMemberRequest;
import dev.skep.v1.SystemServiceGrpc;
import dev.skep.v1.Token;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.UpdateUserRequest;
import dev.skep.v1.UsersServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Organizations, members, accounts and tokens, and when taking them away has its effect. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessApiTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();

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
  void aTokenMayWhatItsAccountMayAndNoMore() {
    TestTenant tenant = tenant();
    var deployer = tenant.program(Role.ROLE_DEPLOYER);
    Channel all = skep().people(tenant.token(deployer).getSecret());

    assertThat(info(all).getPermissionsList())
        .contains(Permission.PERMISSION_SERVICES_WRITE)
        .doesNotContain(Permission.PERMISSION_MEMBERS_WRITE, Permission.PERMISSION_PLATFORM_READ);

    Channel narrow =
        skep()
            .people(
                TokensServiceGrpc.newBlockingStub(all)
                    .createToken(
                        token(Permission.PERMISSION_LOGS_READ, Permission.PERMISSION_MEMBERS_WRITE))
                    .getSecret());
    assertThat(info(narrow).getPermissionsList()).containsExactly(Permission.PERMISSION_LOGS_READ);
    assertThat(info(narrow).getUserName()).isEqualTo(deployer.getUserName());
  }

  @Test
  void aNarrowedTokenMakesNoWiderOne() {
    Channel admin = tenant().as(Role.ROLE_ADMIN);
    var tokens = TokensServiceGrpc.newBlockingStub(admin);
    Channel narrow =
        skep().people(tokens.createToken(token(Permission.PERMISSION_TOKENS_WRITE)).getSecret());
    var narrowTokens = TokensServiceGrpc.newBlockingStub(narrow);

    assertRefused(
        "PERMISSION_DENIED",
        () -> narrowTokens.createToken(token(Permission.PERMISSION_SERVICES_READ)));
    assertThat(narrowTokens.createToken(token()).getToken().getPermissionsList())
        .containsExactly(Permission.PERMISSION_TOKENS_WRITE);
  }

  @Test
  void whatIsTakenAwayIsRefusedWithTheNextCall() {
    TestTenant tenant = tenant();
    var members = MembersServiceGrpc.newBlockingStub(tenant.platform());
    var program = tenant.program(Role.ROLE_ADMIN);
    CreateTokenResponse revoked = tenant.token(program);
    CreateTokenResponse kept = tenant.token(program);
    Channel first = skep().people(revoked.getSecret());
    Channel second = skep().people(kept.getSecret());

    assertThat(info(first).getUserName()).isEqualTo(program.getUserName());
    var _ =
        TokensServiceGrpc.newBlockingStub(second)
            .revokeToken(
                RevokeTokenRequest.newBuilder().setToken(revoked.getToken().getId()).build());
    assertRefused("TOKEN_REFUSED", () -> info(first));

    var _ = members.setMember(member(program.getUserId(), Role.ROLE_VIEWER));
    assertThat(info(second).getPermissionsList())
        .doesNotContain(Permission.PERMISSION_SERVICES_WRITE);
    var _ =
        members.removeMember(
            RemoveMemberRequest.newBuilder().setUser(program.getUserName()).build());
    assertRefused("TOKEN_REFUSED", () -> info(second));
  }

  @Test
  void aDisabledAccountMayNothingUntilItIsEnabled() {
    var users = UsersServiceGrpc.newBlockingStub(skep().people());
    String name = name("disabled");
    var _ = users.createUser(CreateUserRequest.newBuilder().setName(name).build());
    String organization = name("org");
    var _ =
        OrganizationsServiceGrpc.newBlockingStub(skep().people())
            .createOrganization(
                CreateOrganizationRequest.newBuilder()
                    .setName(organization)
                    .setAdmin(name)
                    .build());

    assertThat(users.updateUser(disabled(name, true)).getUser().getDisabled()).isTrue();
    assertThat(members(organization))
        .singleElement()
        .satisfies(m -> assertThat(m.getDisabled()).isTrue());
    assertThat(users.updateUser(disabled(name, false)).getUser().getDisabled()).isFalse();
  }

  @Test
  void theLastAdminStays() {
    String organization = name("org");
    String name = name("owner");
    var users = UsersServiceGrpc.newBlockingStub(skep().people());
    var _ = users.createUser(CreateUserRequest.newBuilder().setName(name).build());
    var _ =
        OrganizationsServiceGrpc.newBlockingStub(skep().people())
            .createOrganization(
                CreateOrganizationRequest.newBuilder()
                    .setName(organization)
                    .setAdmin(name)
                    .build());
    var there = MembersServiceGrpc.newBlockingStub(TestTenant.in(skep().people(), organization));

    assertRefused("LAST_ADMIN", () -> there.setMember(member(name, Role.ROLE_VIEWER)));
    assertRefused(
        "LAST_ADMIN",
        () -> there.removeMember(RemoveMemberRequest.newBuilder().setUser(name).build()));
    var _ = there.setMember(member("admin", Role.ROLE_ADMIN));
    assertThat(there.setMember(member(name, Role.ROLE_VIEWER)).getMember().getRole())
        .isEqualTo(Role.ROLE_VIEWER);
    assertRefused("LAST_ADMIN", () -> users.updateUser(disabled("admin", true)));
  }

  @Test
  void anEmptyOrganizationIsDeletedWithItsTokens() {
    TestTenant tenant = tenant();
    String name = tenant.organization().getName();
    Channel admin = tenant.as(Role.ROLE_ADMIN);
    var organizations = OrganizationsServiceGrpc.newBlockingStub(skep().people());
    var request = DeleteOrganizationRequest.newBuilder().setOrganization(name).build();
    try (var registry = new StubRegistry()) {
      var services = ServicesServiceGrpc.newBlockingStub(admin);
      var _ =
          services.createService(
              CreateServiceRequest.newBuilder()
                  .setName("web")
                  .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                  .build());
      assertRefused("ORGANIZATION_IN_USE", () -> organizations.deleteOrganization(request));
      var _ = services.deleteService(DeleteServiceRequest.newBuilder().setService("web").build());
    }
    Await.until(
        "its service is gone",
        () ->
            organizations
                    .getOrganization(
                        GetOrganizationRequest.newBuilder().setOrganization(name).build())
                    .getOrganization()
                    .getServices()
                == 0);
    assertRefused("ORGANIZATION_IN_USE", () -> organizations.deleteOrganization(request));
    // No agent is here to say that it has removed it.
    sql("delete from networks");
    var _ = organizations.deleteOrganization(request);

    assertRefused("TOKEN_REFUSED", () -> info(admin));
    assertRefused("ORGANIZATION_NOT_FOUND", () -> organizations.deleteOrganization(request));
    assertRefused(
        "ORGANIZATION_IN_USE",
        () ->
            organizations.deleteOrganization(
                DeleteOrganizationRequest.newBuilder()
                    .setOrganization(info(skep().people()).getOrganizationName())
                    .build()));
  }

  @Test
  void namesAndRolesAreChecked() {
    var tenant = tenant();
    var members = MembersServiceGrpc.newBlockingStub(tenant.platform());

    assertRefused("INVALID_FIELD", () -> members.createServiceAccount(program("Bad Name")));
    assertRefused("INVALID_FIELD", () -> members.setMember(member("admin", Role.ROLE_UNSPECIFIED)));
    assertRefused("USER_NOT_FOUND", () -> members.setMember(member("nobody", Role.ROLE_VIEWER)));
    var _ = members.createServiceAccount(program("ci"));
    assertRefused("NAME_TAKEN", () -> members.createServiceAccount(program("ci")));
    assertThat(
            MembersServiceGrpc.newBlockingStub(tenant().platform())
                .createServiceAccount(program("ci"))
                .getMember()
                .getUserName())
        .as("programs of different organizations may share a name")
        .isEqualTo("ci");
  }

  @Test
  void tokensArePersonalAndEnd() {
    TestTenant tenant = tenant();
    var tokens = TokensServiceGrpc.newBlockingStub(tenant.platform());

    assertRefused(
        "INVALID_FIELD",
        () ->
            tokens.createToken(
                token().toBuilder().setTtl(Duration.newBuilder().setSeconds(59)).build()));
    assertThat(tokens.createToken(token()).getToken().getExpireTime().getSeconds())
        .isGreaterThan(System.currentTimeMillis() / 1000 + 89 * 86_400);
    var viewer = tenant.program(Role.ROLE_VIEWER);
    var own = TokensServiceGrpc.newBlockingStub(skep().people(tenant.token(viewer).getSecret()));
    assertThat(own.listTokens(ListTokensRequest.getDefaultInstance()).getTokensList())
        .extracting(Token::getUserName)
        .containsOnly(viewer.getUserName());
    assertRefused(
        "PERMISSION_DENIED", () -> own.createToken(token().toBuilder().setUser("admin").build()));
  }

  @Test
  void streamsEndSoonAfterTheTokenOrTheGrantIsGoneOrTheSessionIsOver() {
    try (var registry = new StubRegistry()) {
      TestTenant tenant = tenant();
      var program = tenant.program(Role.ROLE_ADMIN);
      CreateTokenResponse token = tenant.token(program);
      Channel channel = skep().people(token.getSecret());
      var _ =
          ServicesServiceGrpc.newBlockingStub(channel)
              .createService(
                  CreateServiceRequest.newBuilder()
                      .setName("web")
                      .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                      .build());
      var follow = FollowLogsRequest.newBuilder().setService("web").build();
      Iterator<?> lines = LogsServiceGrpc.newBlockingStub(channel).followLogs(follow);
      assertThat(lines.next()).isNotNull();
      var grantee = tenant.program("grantee", Role.ROLE_MEMBER);
      tenant.grant("web", grantee, Role.ROLE_VIEWER);
      Iterator<?> granted =
          LogsServiceGrpc.newBlockingStub(skep().people(tenant.token(grantee).getSecret()))
              .followLogs(follow);
      assertThat(granted.next()).isNotNull();
      Channel session =
          TestPerson.create(skep(), name("reader")).joins(tenant, Role.ROLE_VIEWER).signedIn();
      Iterator<?> read = LogsServiceGrpc.newBlockingStub(session).followLogs(follow);
      assertThat(read.next()).isNotNull();
      var _ =
          AccountServiceGrpc.newBlockingStub(session).logout(LogoutRequest.getDefaultInstance());
      Iterator<?> events =
          DeploymentsServiceGrpc.newBlockingStub(channel)
              .followDeploymentEvents(
                  FollowDeploymentEventsRequest.newBuilder()
                      .setService("web")
                      .setAfterSequence(1_000)
                      .build());
      assertThat(events.next()).isNotNull();
      var _ =
          TokensServiceGrpc.newBlockingStub(channel)
              .revokeToken(
                  RevokeTokenRequest.newBuilder().setToken(token.getToken().getId()).build());
      var _ =
          GrantsServiceGrpc.newBlockingStub(tenant.platform())
              .removeGrant(
                  RemoveGrantRequest.newBuilder()
                      .setService("web")
                      .setUser(grantee.getUserId())
                      .build());
      long revoked = System.nanoTime();

      assertRefused("PERMISSION_DENIED", () -> granted.hasNext());
      assertRefused("TOKEN_REFUSED", () -> lines.hasNext());
      assertRefused("TOKEN_REFUSED", () -> read.hasNext());
      assertRefused("TOKEN_REFUSED", () -> events.hasNext());
      assertThat(System.nanoTime() - revoked).isLessThan(30_000_000_000L);
    }
  }

  private TestTenant tenant() {
    return new TestTenant(skep(), name("tenant"));
  }

  private static String name(String kind) {
    return kind + NUMBER.incrementAndGet();
  }

  private List<dev.skep.v1.Member> members(String organization) {
    return MembersServiceGrpc.newBlockingStub(TestTenant.in(skep().people(), organization))
        .listMembers(ListMembersRequest.getDefaultInstance())
        .getMembersList();
  }

  private static GetInfoResponse info(Channel channel) {
    return SystemServiceGrpc.newBlockingStub(channel).getInfo(GetInfoRequest.getDefaultInstance());
  }

  private static CreateTokenRequest token(Permission... permissions) {
    return CreateTokenRequest.newBuilder()
        .setName("t")
        .addAllPermissions(List.of(permissions))
        .build();
  }

  private static SetMemberRequest member(String user, Role role) {
    return SetMemberRequest.newBuilder().setUser(user).setRole(role).build();
  }

  private static CreateServiceAccountRequest program(String name) {
    return CreateServiceAccountRequest.newBuilder().setName(name).setRole(Role.ROLE_VIEWER).build();
  }

  private static UpdateUserRequest disabled(String user, boolean disabled) {
    return UpdateUserRequest.newBuilder().setUser(user).setDisabled(disabled).build();
  }

  private void sql(String statement) {
    var url = skep().database();
    try (var connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var one = connection.createStatement()) {
      one.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(String reason, ThrowingCallable call) {
    var failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).as(reason).isNotNull();
    assertThat(failure.getStatus().getCode()).isNotEqualTo(Status.Code.INTERNAL);
    assertThat(reason(failure)).isEqualTo(reason);
  }

  private static String reason(StatusRuntimeException failure) {
    try {
      for (Any detail :
          Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          return detail.unpack(ErrorInfo.class).getReason();
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    return String.valueOf(failure.getStatus());
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
