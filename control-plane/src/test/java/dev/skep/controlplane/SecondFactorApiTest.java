package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.identity.AuthenticatorApp;
import dev.skep.v1.AcceptInvitationRequest;
import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.AccountServiceGrpc.AccountServiceBlockingStub;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.Belonging;
import dev.skep.v1.ConfirmIdentityRequest;
import dev.skep.v1.ConfirmTotpRequest;
import dev.skep.v1.CreateInvitationRequest;
import dev.skep.v1.CreateInvitationResponse;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.DisableTotpRequest;
import dev.skep.v1.EnrollTotpRequest;
import dev.skep.v1.GetMeRequest;
import dev.skep.v1.Invitation;
import dev.skep.v1.InvitationsServiceGrpc;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListInvitationsRequest;
import dev.skep.v1.LoginRequest;
import dev.skep.v1.LoginResponse;
import dev.skep.v1.RevokeInvitationRequest;
import dev.skep.v1.Role;
import dev.skep.v1.SignUpRequest;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.UpdateUserRequest;
import dev.skep.v1.UsersServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Second factors, asking again, and invitations. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecondFactorApiTest {
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

  /** All tests call from one address. */
  @BeforeEach
  void nothingIsCounted() throws SQLException {
    var _ = skep().sql("delete from login_attempts");
  }

  @Test
  void aLoginNeedsACodeThatWasNotUsed() {
    TestPerson ada = person();
    AuthenticatorApp app = enabled(ada).app;

    assertRefused("CODE_REQUIRED", () -> ada.login(TestPerson.PASSWORD));
    assertRefused("LOGIN_REFUSED", () -> login(ada, "the wrong password", app.code(1)));
    assertRefused("CODE_REFUSED", () -> login(ada, TestPerson.PASSWORD, "000000x"));
    // The code of now was used to switch it on.
    String next = app.code(1);
    assertThat(login(ada, TestPerson.PASSWORD, next).getSessionToken()).startsWith("sks_");
    assertRefused("CODE_REFUSED", () -> login(ada, TestPerson.PASSWORD, next));
  }

  @Test
  void ofManyWhoShowTheSameCodeOneIsLetIn() throws Exception {
    TestPerson ada = person();
    String code = enabled(ada).app.code(1);

    assertThat(race(() -> login(ada, TestPerson.PASSWORD, code))).isEqualTo(1);
  }

  @Test
  void aRecoveryCodeIsGoodForOneLogin() {
    TestPerson ada = person();
    List<String> codes = enabled(ada).recoveryCodes;

    assertThat(codes).hasSize(10).doesNotHaveDuplicates();
    assertThat(login(ada, TestPerson.PASSWORD, codes.get(3)).getUserName()).isEqualTo(ada.name());
    assertRefused("CODE_REFUSED", () -> login(ada, TestPerson.PASSWORD, codes.get(3)));
    assertThat(login(ada, TestPerson.PASSWORD, codes.get(4).replace("-", " ")).getUserName())
        .isEqualTo(ada.name());
  }

  @Test
  void itIsSwitchedOffWithThePasswordOrByAPlatformAdmin() throws SQLException {
    TestPerson ada = person();
    Enabled enabled = enabled(ada);
    assertRefused(
        "TOTP_ON", () -> enabled.account.enrollTotp(EnrollTotpRequest.getDefaultInstance()));
    assertThat(me(enabled.account).getTotp()).isTrue();
    assertThat(skep().sql("select encode(sealed, 'escape') from user_totp").toString())
        .as("the secret is sealed")
        .doesNotContain(enabled.secret);
    assertRefused("INVALID_FIELD", () -> enabled.account.disableTotp(disable("wrong")));
    var _ = enabled.account.disableTotp(disable(TestPerson.PASSWORD));
    assertThat(ada.login(TestPerson.PASSWORD).getUserName()).isEqualTo(ada.name());

    var _ = enabled(ada);
    var _ =
        UsersServiceGrpc.newBlockingStub(skep().people())
            .updateUser(
                UpdateUserRequest.newBuilder().setUser(ada.name()).setDisableTotp(true).build());
    assertThat(ada.login(TestPerson.PASSWORD).getUserName()).isEqualTo(ada.name());
  }

  @Test
  void itIsOnOnlyAfterTheAppHasShownACode() {
    TestPerson ada = person();
    var account = AccountServiceGrpc.newBlockingStub(ada.signedIn());
    assertRefused(
        "TOTP_NOT_BEGUN",
        () -> account.confirmTotp(ConfirmTotpRequest.newBuilder().setCode("123456").build()));
    var begun = account.enrollTotp(EnrollTotpRequest.getDefaultInstance());

    assertThat(begun.getUri())
        .isEqualTo(
            "otpauth://totp/Skep:%s?secret=%s&issuer=Skep&algorithm=SHA1&digits=6&period=30"
                .formatted(ada.name(), begun.getSecret()));
    assertRefused(
        "CODE_REFUSED",
        () -> account.confirmTotp(ConfirmTotpRequest.newBuilder().setCode("wrong").build()));
    assertThat(ada.login(TestPerson.PASSWORD).getUserName()).isEqualTo(ada.name());
  }

  @Test
  void whatIsHardToUndoIsAskedForAgain() throws SQLException {
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    TestPerson ada = person().joins(tenant, Role.ROLE_ADMIN);
    Enabled enabled = enabled(ada);
    var tokens = TokensServiceGrpc.newBlockingStub(enabled.account.getChannel());
    var token = CreateTokenRequest.newBuilder().setName("t").build();
    var users = UsersServiceGrpc.newBlockingStub(skep().people());
    var _ =
        users.updateUser(
            UpdateUserRequest.newBuilder().setUser(ada.name()).setPlatformAdmin(true).build());
    var promote =
        UpdateUserRequest.newBuilder().setUser(person().name()).setPlatformAdmin(true).build();
    var promoting = UsersServiceGrpc.newBlockingStub(enabled.account.getChannel());
    later(enabled);

    assertRefused("CONFIRMATION_REQUIRED", () -> tokens.createToken(token));
    assertRefused("CONFIRMATION_REQUIRED", () -> promoting.updateUser(promote));
    assertRefused("INVALID_FIELD", () -> enabled.account.confirmIdentity(confirm("wrong", "")));
    assertRefused("CODE_REFUSED", () -> enabled.account.confirmIdentity(confirm("", "999")));
    var _ = enabled.account.confirmIdentity(confirm(TestPerson.PASSWORD, ""));
    assertThat(tokens.createToken(token).getSecret()).startsWith("skp_");
    later(enabled);
    var _ = enabled.account.confirmIdentity(confirm("", enabled.app.code(1)));
    assertThat(promoting.updateUser(promote).getUser().getPlatformAdmin()).isTrue();
  }

  @Test
  void anInvitationMakesAnAccountOrAddsOne() {
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    String name = name("new");
    var signUp = signUp(invited(tenant, Role.ROLE_DEPLOYER), name);
    var in = nobody().signUp(signUp);

    assertThat(in.getOrganization().getRole()).isEqualTo(Role.ROLE_DEPLOYER);
    assertThat(me(account(in.getSessionToken())).getOrganizationsList())
        .extracting(Belonging::getOrganizationName)
        .containsExactly(tenant.organization().getName());
    assertThat(new TestPerson(skep(), name).login(TestPerson.PASSWORD).getUserName())
        .isEqualTo(name);
    assertRefused("CODE_REFUSED", () -> nobody().signUp(signUp.toBuilder().setUser("x").build()));

    var ada = AccountServiceGrpc.newBlockingStub(person().signedIn());
    var accept = accept(invited(tenant, Role.ROLE_VIEWER));
    assertThat(ada.acceptInvitation(accept).getOrganization().getRole())
        .isEqualTo(Role.ROLE_VIEWER);
    assertRefused("CODE_REFUSED", () -> ada.acceptInvitation(accept));
    assertRefused(
        "ALREADY_MEMBER", () -> ada.acceptInvitation(accept(invited(tenant, Role.ROLE_ADMIN))));
    assertThat(me(ada).getOrganizationsList())
        .extracting(Belonging::getRole)
        .containsExactly(Role.ROLE_VIEWER);
    assertThat(
            AuditServiceGrpc.newBlockingStub(tenant.platform())
                .listAuditEntries(ListAuditEntriesRequest.getDefaultInstance())
                .getEntriesList())
        .as("those of the organization see who came")
        .extracting(AuditEntry::getAction)
        .contains("SignUp", "AcceptInvitation");
  }

  @Test
  void anInvitationIsForOne() throws Exception {
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    String code = invited(tenant, Role.ROLE_VIEWER);

    assertThat(race(() -> nobody().signUp(signUp(code, name("racer"))))).isEqualTo(1);
  }

  @Test
  void aNameThatIsTakenLeavesTheInvitationGood() {
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    String code = invited(tenant, Role.ROLE_VIEWER);
    String taken = person().name();

    assertRefused("NAME_TAKEN", () -> nobody().signUp(signUp(code, taken)));
    assertRefused("INVALID_FIELD", () -> nobody().signUp(signUp(code, "Not A Name")));
    assertRefused(
        "INVALID_FIELD",
        () -> nobody().signUp(signUp(code, "short").toBuilder().setPassword("short").build()));
    assertThat(nobody().signUp(signUp(code, name("free"))).getSessionToken()).startsWith("sks_");
  }

  @Test
  void invitationsAreListedTakenBackAndEnd() throws SQLException {
    TestTenant tenant = new TestTenant(skep(), name("tenant"));
    var invitations = InvitationsServiceGrpc.newBlockingStub(tenant.platform());
    CreateInvitationResponse revoked = invite(tenant, Role.ROLE_VIEWER);
    CreateInvitationResponse expired = invite(tenant, Role.ROLE_ADMIN);
    var list = ListInvitationsRequest.getDefaultInstance();

    assertThat(invitations.listInvitations(list).getInvitationsList())
        .extracting(Invitation::getEmail)
        .containsExactly("ada@example.org", "ada@example.org");
    var stranger = new TestTenant(skep(), name("stranger"));
    var revoke =
        RevokeInvitationRequest.newBuilder().setInvitation(revoked.getInvitation().getId()).build();
    assertRefused(
        "INVITATION_NOT_FOUND",
        () -> InvitationsServiceGrpc.newBlockingStub(stranger.platform()).revokeInvitation(revoke));
    var _ = invitations.revokeInvitation(revoke);
    var _ =
        skep()
            .sql(
                "update invitations set expires_at = now() where id = '"
                    + expired.getInvitation().getId()
                    + "'");
    assertThat(invitations.listInvitations(list).getInvitationsList()).isEmpty();
    for (String code : List.of(revoked.getCode(), expired.getCode(), "ski_x", "")) {
      assertRefused("CODE_REFUSED", () -> nobody().signUp(signUp(code, name("late"))));
    }
  }

  /** Somebody whose second factor is on. */
  private record Enabled(
      AccountServiceBlockingStub account,
      String secret,
      AuthenticatorApp app,
      List<String> recoveryCodes,
      String session) {}

  private Enabled enabled(TestPerson person) {
    var account = AccountServiceGrpc.newBlockingStub(person.signedIn());
    String secret = account.enrollTotp(EnrollTotpRequest.getDefaultInstance()).getSecret();
    var app = new AuthenticatorApp(secret);
    var codes =
        account
            .confirmTotp(ConfirmTotpRequest.newBuilder().setCode(app.code(0)).build())
            .getRecoveryCodesList();
    return new Enabled(account, secret, app, codes, me(account).getSession().getId());
  }

  private void later(Enabled enabled) throws SQLException {
    var _ =
        skep()
            .sql(
                "update user_sessions set confirmed_at = now() - interval '11 minutes' where id = '"
                    + enabled.session
                    + "'");
  }

  /** How many of several at once succeed. */
  private static int race(Callable<?> call) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Boolean> attempt =
          () -> {
            try {
              call.call();
              return true;
            } catch (StatusRuntimeException e) {
              return false;
            }
          };
      int won = 0;
      for (var one : threads.invokeAll(IntStream.range(0, 6).mapToObj(i -> attempt).toList())) {
        won += one.resultNow() ? 1 : 0;
      }
      return won;
    }
  }

  private LoginResponse login(TestPerson person, String password, String code) {
    return nobody()
        .login(
            LoginRequest.newBuilder()
                .setUser(person.name())
                .setPassword(password)
                .setCode(code)
                .build());
  }

  private CreateInvitationResponse invite(TestTenant tenant, Role role) {
    return InvitationsServiceGrpc.newBlockingStub(tenant.platform())
        .createInvitation(
            CreateInvitationRequest.newBuilder().setRole(role).setEmail("ada@example.org").build());
  }

  private String invited(TestTenant tenant, Role role) {
    return invite(tenant, role).getCode();
  }

  private static SignUpRequest signUp(String code, String name) {
    return SignUpRequest.newBuilder()
        .setCode(code)
        .setUser(name)
        .setPassword(TestPerson.PASSWORD)
        .build();
  }

  private static AcceptInvitationRequest accept(String code) {
    return AcceptInvitationRequest.newBuilder().setCode(code).build();
  }

  private static DisableTotpRequest disable(String password) {
    return DisableTotpRequest.newBuilder().setPassword(password).build();
  }

  private static ConfirmIdentityRequest confirm(String password, String code) {
    return ConfirmIdentityRequest.newBuilder().setPassword(password).setCode(code).build();
  }

  private static dev.skep.v1.GetMeResponse me(AccountServiceBlockingStub account) {
    return account.getMe(GetMeRequest.getDefaultInstance());
  }

  private AccountServiceBlockingStub nobody() {
    return AccountServiceGrpc.newBlockingStub(skep().people(""));
  }

  private AccountServiceBlockingStub account(String session) {
    return AccountServiceGrpc.newBlockingStub(skep().people(session));
  }

  private TestPerson person() {
    return TestPerson.create(skep(), name("person"));
  }

  private static String name(String kind) {
    return kind + NUMBER.incrementAndGet();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
