package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import dev.skep.controlplane.identity.CheapHash;
import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.AccountServiceGrpc.AccountServiceBlockingStub;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.Belonging;
import dev.skep.v1.ChangePasswordRequest;
import dev.skep.v1.CreatePasswordCodeRequest;
import dev.skep.v1.CreateUserRequest;
import dev.skep.v1.EndSessionRequest;
import dev.skep.v1.GetMeRequest;
import dev.skep.v1.GetMeResponse;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListSessionsRequest;
import dev.skep.v1.LoginResponse;
import dev.skep.v1.LogoutRequest;
import dev.skep.v1.Permission;
import dev.skep.v1.Role;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.Session;
import dev.skep.v1.SetPasswordRequest;
import dev.skep.v1.UpdateUserRequest;
import dev.skep.v1.UsersServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** How people get in, what they may then, and how it ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IdentityApiTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String OTHER = "seven yellow tugboats";

  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
  }

  @AfterAll
  void stop() {
    skep().close();
  }

  /** All tests call from one address. */
  @BeforeEach
  void nothingIsCounted() throws SQLException {
    var _ = sql("delete from login_attempts");
  }

  @Test
  void aPasswordIsSetWithACodeAndOnce() {
    String name = name("ada");
    var users = UsersServiceGrpc.newBlockingStub(skep().people());
    String first =
        users
            .createUser(CreateUserRequest.newBuilder().setName(name).build())
            .getPasswordCode()
            .getCode();
    String second =
        users
            .createPasswordCode(CreatePasswordCodeRequest.newBuilder().setUser(name).build())
            .getPasswordCode()
            .getCode();

    assertRefused("CODE_REFUSED", () -> nobody().setPassword(with(first)));
    assertRefused(
        "INVALID_FIELD",
        () -> nobody().setPassword(with(second).toBuilder().setPassword("short").build()));
    assertThat(nobody().setPassword(with(second)).getUserName()).isEqualTo(name);
    assertRefused("CODE_REFUSED", () -> nobody().setPassword(with(second)));
    assertThat(new TestPerson(skep(), name).login(TestPerson.PASSWORD).getUserName())
        .isEqualTo(name);
  }

  @Test
  void whatWasWrongIsNotSaid() {
    TestPerson ada = person();
    TestPerson gone = person();
    var users = UsersServiceGrpc.newBlockingStub(skep().people());
    var _ = users.updateUser(update(gone).setDisabled(true).build());
    String fresh = name("fresh");
    var _ = users.createUser(CreateUserRequest.newBuilder().setName(fresh).build());

    Status wrong = refusal(() -> ada.login("something else entirely"));
    assertThat(wrong.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(wrong.getDescription()).isEqualTo("the name or the password is wrong");
    for (TestPerson other :
        List.of(gone, new TestPerson(skep(), fresh), new TestPerson(skep(), "nobody-at-all"))) {
      Status status = refusal(() -> other.login(TestPerson.PASSWORD));
      assertThat(status.getCode()).as(other.name()).isEqualTo(wrong.getCode());
      assertThat(status.getDescription()).as(other.name()).isEqualTo(wrong.getDescription());
    }
  }

  @Test
  void aSessionEndsAtOnce() {
    TestPerson ada = person();
    var first = AccountServiceGrpc.newBlockingStub(ada.signedIn());
    var second = AccountServiceGrpc.newBlockingStub(ada.signedIn());
    String id = me(first).getSession().getId();

    assertThat(second.listSessions(ListSessionsRequest.getDefaultInstance()).getSessionsList())
        .hasSize(2)
        .filteredOn(Session::getCurrent)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.getId()).isEqualTo(me(second).getSession().getId());
              assertThat(one.getClientAddress()).isEqualTo("127.0.0.1");
              assertThat(one.getClient()).contains("grpc");
            });
    TestPerson eve = person();
    assertRefused(
        "SESSION_NOT_FOUND",
        () ->
            AccountServiceGrpc.newBlockingStub(eve.signedIn())
                .endSession(EndSessionRequest.newBuilder().setSession(id).build()));
    var _ = second.endSession(EndSessionRequest.newBuilder().setSession(id).build());
    assertRefused("TOKEN_REFUSED", () -> me(first));
    var _ = second.logout(LogoutRequest.getDefaultInstance());
    assertRefused("TOKEN_REFUSED", () -> me(second));
  }

  @Test
  void whoIsDisabledHasToSignInAgainWhenEnabled() {
    TestPerson ada = person();
    var account = AccountServiceGrpc.newBlockingStub(ada.signedIn());
    var users = UsersServiceGrpc.newBlockingStub(skep().people());
    var _ = users.updateUser(update(ada).setDisabled(true).build());
    assertRefused("TOKEN_REFUSED", () -> me(account));
    var _ = users.updateUser(update(ada).setDisabled(false).build());

    assertRefused("TOKEN_REFUSED", () -> me(account));
    assertThat(ada.login(TestPerson.PASSWORD).getUserName()).isEqualTo(ada.name());
  }

  @Test
  void aNewPasswordEndsAllSessionsAndBeginsOne() {
    TestPerson ada = person();
    var first = AccountServiceGrpc.newBlockingStub(ada.signedIn());
    var second = AccountServiceGrpc.newBlockingStub(ada.signedIn());

    assertRefused("INVALID_FIELD", () -> first.changePassword(change("wrong", OTHER)));
    assertRefused(
        "INVALID_FIELD", () -> first.changePassword(change(TestPerson.PASSWORD, "aaaaaaaaaaaa")));
    var changed = first.changePassword(change(TestPerson.PASSWORD, OTHER));

    assertRefused("TOKEN_REFUSED", () -> me(first));
    assertRefused("TOKEN_REFUSED", () -> me(second));
    assertThat(
            me(AccountServiceGrpc.newBlockingStub(skep().people(changed.getSessionToken())))
                .getUserName())
        .isEqualTo(ada.name());
    assertRefused("LOGIN_REFUSED", () -> ada.login(TestPerson.PASSWORD));
    assertThat(ada.login(OTHER).getUserName()).isEqualTo(ada.name());
  }

  @Test
  void aSessionEndsWhenItIsNotUsedAndAfterItsTime() throws SQLException {
    TestPerson ada = person();
    LoginResponse idle = ada.login(TestPerson.PASSWORD);
    LoginResponse old = ada.login(TestPerson.PASSWORD);
    var _ =
        sql(
            "update user_sessions set last_used_at = now() - interval '12 hours 1 second' where id = '"
                + idle.getSession().getId()
                + "'");
    assertThat(me(account(old)).getUserName()).isEqualTo(ada.name());
    var _ =
        sql(
            "update user_sessions set expires_at = now() where id = '"
                + old.getSession().getId()
                + "'");

    assertRefused("TOKEN_REFUSED", () -> me(account(idle)));
    assertRefused("TOKEN_REFUSED", () -> me(account(old)));
  }

  @Test
  void aSessionActsWhereItsOwnerBelongs() {
    TestTenant acme = new TestTenant(skep(), name("acme"));
    TestTenant beta = new TestTenant(skep(), name("beta"));
    TestTenant other = new TestTenant(skep(), name("other"));
    TestPerson ada = person();
    Channel session = ada.signedIn();
    var account = AccountServiceGrpc.newBlockingStub(session);

    assertThat(me(account).getOrganizationsList()).isEmpty();
    assertRefused("NO_ORGANIZATION", () -> services(session));
    var _ = ada.joins(acme, Role.ROLE_VIEWER);
    assertThat(services(session)).isZero();
    var _ = ada.joins(beta, Role.ROLE_ADMIN);
    Status several = refusal(() -> services(session));
    assertThat(several.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(several.getDescription())
        .contains(acme.organization().getName() + ", " + beta.organization().getName());
    assertThat(me(account).getOrganizationsList())
        .extracting(Belonging::getRole)
        .containsExactly(Role.ROLE_VIEWER, Role.ROLE_ADMIN);
    assertThat(services(TestTenant.in(session, beta.organization().getId()))).isZero();
    assertRefused(
        "ORGANIZATION_NOT_FOUND",
        () -> services(TestTenant.in(session, other.organization().getName())));
  }

  /** But for what is about the account itself. */
  @Test
  void aSessionMayWhatATokenOfTheRoleMay() {
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    for (Role role : List.of(Role.ROLE_VIEWER, Role.ROLE_DEPLOYER, Role.ROLE_ADMIN)) {
      Channel token = tenant.as(role);
      Channel session = person().joins(tenant, role).signedIn();
      for (AnyCall call : AnyCall.all()) {
        if (call.needs() != Permission.PERMISSION_ACCOUNT
            && call.needs() != Permission.PERMISSION_NONE) {
          assertThat(call.make(session, call.empty()).getCode())
              .as(role + " " + call.name())
              .isEqualTo(call.make(token, call.empty()).getCode());
        }
      }
    }
  }

  @Test
  void aPlatformAdminIsOneInASessionAsWell() {
    TestPerson boss = person();
    var _ =
        UsersServiceGrpc.newBlockingStub(skep().people())
            .updateUser(update(boss).setPlatformAdmin(true).build());
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    Channel session = boss.signedIn();

    assertThat(me(AccountServiceGrpc.newBlockingStub(session)).getPlatformAdmin()).isTrue();
    assertThat(services(TestTenant.in(session, tenant.organization().getName()))).isZero();
    assertThat(
            UsersServiceGrpc.newBlockingStub(session)
                .createUser(CreateUserRequest.newBuilder().setName(name("new")).build())
                .getPasswordCode()
                .getCode())
        .as("no organization is needed for what is about none")
        .startsWith("skc_");
  }

  @Test
  void guessesAreLimitedAndTheAnswerSaysForHowLong() throws InvalidProtocolBufferException {
    TestPerson ada = person();
    for (int i = 0; i < 10; i++) {
      assertRefused("LOGIN_REFUSED", () -> ada.login("not this one either"));
    }
    var failure =
        catchThrowableOfType(StatusRuntimeException.class, () -> ada.login(TestPerson.PASSWORD));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    Any retry =
        Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetailsList().stream()
            .filter(detail -> detail.is(RetryInfo.class))
            .findFirst()
            .orElseThrow();
    assertThat(retry.unpack(RetryInfo.class).getRetryDelay().getSeconds()).isBetween(800L, 900L);

    var rest =
        skep()
            .send(json("/api/login", "{\"user\":\"%s\",\"password\":\"x\"}".formatted(ada.name())));
    assertThat(rest.statusCode()).isEqualTo(429);
    assertThat(rest.headers().firstValueAsLong("retry-after").orElseThrow()).isBetween(800L, 900L);
    assertThat(rest.body()).contains("TOO_MANY_ATTEMPTS", "try again in 15 min");
    assertThat(person().login(TestPerson.PASSWORD).getSessionToken()).startsWith("sks_");
  }

  @Test
  void aHashFromBeforeIsReplacedWhenItsOwnerSignsIn() throws SQLException {
    TestPerson ada = person();
    String made = stored(ada);
    assertThat(made).startsWith("$argon2id$v=19$m=64,t=1,p=1$");
    var _ =
        sql(
            "update users set password_hash = '%s' where name = '%s'"
                .formatted(CheapHash.of(TestPerson.PASSWORD), ada.name()));
    assertThat(ada.login(TestPerson.PASSWORD).getUserName()).isEqualTo(ada.name());

    assertThat(stored(ada)).startsWith("$argon2id$v=19$m=64,t=1,p=1$").isNotEqualTo(made);
    assertThat(ada.login(TestPerson.PASSWORD).getUserName()).isEqualTo(ada.name());
  }

  /** How the answer of a login is compressed, for a browser that would have it so. */
  private Optional<String> compressed(TestPerson person, String ours) {
    String body =
        "{\"user\":\"%s\",\"password\":\"%s\"}".formatted(person.name(), TestPerson.PASSWORD);
    HttpResponse<String> in =
        skep()
            .send(
                json("/api/login", body)
                    .header("skep-session", "cookie")
                    .header("accept-encoding", "gzip, br, deflate")
                    .header("origin", ours));
    assertThat(in.headers().firstValue("set-cookie")).isPresent();
    return in.headers().firstValue("content-encoding");
  }

  @Test
  void aBrowserHasACookieThatOnlyOurPagesUse() {
    TestPerson ada = person();
    String ours = "http://127.0.0.1:" + skep().request("/").build().uri().getPort();
    String body =
        "{\"user\":\"%s\",\"password\":\"%s\"}".formatted(ada.name(), TestPerson.PASSWORD);
    assertThat(skep().send(json("/api/login", body).header("skep-session", "cookie")).statusCode())
        .as("a login that comes from nowhere gets no cookie")
        .isEqualTo(403);
    HttpResponse<String> in =
        skep()
            .send(json("/api/login", body).header("skep-session", "cookie").header("origin", ours));
    String set = in.headers().firstValue("set-cookie").orElseThrow();
    assertThat(in.statusCode()).as(in.body()).isEqualTo(200);
    assertThat(set).startsWith("__Host-skep=sks_");
    assertThat(set).contains("Path=/", "Secure", "SameSite=Lax").containsIgnoringCase("HttpOnly");
    assertThat(set).doesNotContain("Domain", "Max-Age");
    assertThat(in.body()).doesNotContain("sks_").contains(ada.name());
    assertThat(compressed(ada, ours)).as("lengths of compressed secrets tell of them").isEmpty();

    String cookie = set.split(";", 2)[0];
    var me = skep().send(skep().request("/api/me").header("cookie", cookie));
    assertThat(me.statusCode()).as(me.body()).isEqualTo(200);
    assertThat(me.body()).contains(ada.name());
    for (String foreign : List.of("", "https://evil.example", "null")) {
      var refused = skep().send(logout(cookie, foreign));
      assertThat(refused.statusCode()).as(foreign).isEqualTo(403);
      assertThat(refused.body()).contains("ORIGIN_REFUSED");
    }
    var out = skep().send(logout(cookie, ours));
    assertThat(out.statusCode()).as(out.body()).isEqualTo(200);
    assertThat(out.headers().firstValue("set-cookie").orElseThrow())
        .startsWith("__Host-skep=;")
        .contains("Max-Age=0");
    assertThat(skep().send(skep().request("/api/me").header("cookie", cookie)).statusCode())
        .isEqualTo(401);
  }

  @Test
  void loginsAreWrittenDownWithoutWhatNobodyShouldRead() throws SQLException {
    TestPerson ada = person().joins(new TestTenant(skep(), name("t")), Role.ROLE_ADMIN);
    String token = ada.login(TestPerson.PASSWORD).getSessionToken();
    assertRefused("LOGIN_REFUSED", () -> ada.login(OTHER));
    var admin = AuditServiceGrpc.newBlockingStub(skep().people());
    var platform = ListAuditEntriesRequest.newBuilder().setPlatform(true).setPageSize(200).build();

    assertThat(admin.listAuditEntries(platform).getEntriesList())
        .filteredOn(e -> e.getUserName().equals(ada.name()))
        .extracting(e -> e.getAction() + " " + e.getOutcome() + " " + e.getClientAddress())
        .containsExactly(
            "Login LOGIN_REFUSED 127.0.0.1", "Login DONE 127.0.0.1", "SetPassword DONE 127.0.0.1");
    assertThat(admin.listAuditEntries(platform).getEntriesList())
        .extracting(AuditEntry::getRequest)
        .anyMatch(request -> request.contains("(not shown)"));
    assertRefused(
        "PERMISSION_DENIED",
        () -> AuditServiceGrpc.newBlockingStub(skep().people(token)).listAuditEntries(platform));
    String everything = String.join("\n", sql("select e::text from audit_entries e"));
    assertThat(everything)
        .contains(ada.name())
        .doesNotContain(TestPerson.PASSWORD, OTHER, "skc_", "sks_");
  }

  private static ChangePasswordRequest change(String from, String to) {
    return ChangePasswordRequest.newBuilder().setCurrentPassword(from).setNewPassword(to).build();
  }

  private static SetPasswordRequest with(String code) {
    return SetPasswordRequest.newBuilder().setCode(code).setPassword(TestPerson.PASSWORD).build();
  }

  private static UpdateUserRequest.Builder update(TestPerson person) {
    return UpdateUserRequest.newBuilder().setUser(person.name());
  }

  private java.net.http.HttpRequest.Builder json(String path, String body) {
    return skep()
        .request(path)
        .header("content-type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private java.net.http.HttpRequest.Builder logout(String cookie, String origin) {
    var request = json("/api/logout", "{}").header("cookie", cookie);
    return origin.isEmpty() ? request : request.header("origin", origin);
  }

  private TestPerson person() {
    return TestPerson.create(skep(), name("person"));
  }

  private static String name(String kind) {
    return kind + NUMBER.incrementAndGet();
  }

  private AccountServiceBlockingStub nobody() {
    return AccountServiceGrpc.newBlockingStub(skep().people(""));
  }

  private AccountServiceBlockingStub account(LoginResponse in) {
    return AccountServiceGrpc.newBlockingStub(skep().people(in.getSessionToken()));
  }

  private static GetMeResponse me(AccountServiceBlockingStub account) {
    return account.getMe(GetMeRequest.getDefaultInstance());
  }

  private static int services(Channel channel) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .listServices(ListServicesRequest.getDefaultInstance())
        .getServicesCount();
  }

  private String stored(TestPerson person) throws SQLException {
    return sql("select password_hash from users where name = '" + person.name() + "'").getFirst();
  }

  private List<String> sql(String statement) throws SQLException {
    return skep().sql(statement);
  }

  private static Status refusal(ThrowingCallable call) {
    var failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).isNotNull();
    return failure.getStatus();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
