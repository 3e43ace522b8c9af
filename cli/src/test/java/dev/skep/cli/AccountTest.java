package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.ChangePasswordRequest;
import dev.skep.v1.ConfirmIdentityRequest;
import dev.skep.v1.ConfirmTotpRequest;
import dev.skep.v1.CreateInvitationRequest;
import dev.skep.v1.EndSessionRequest;
import dev.skep.v1.FinishSsoRequest;
import dev.skep.v1.LinkSsoRequest;
import dev.skep.v1.LoginRequest;
import dev.skep.v1.RemoveIdentityRequest;
import dev.skep.v1.Role;
import dev.skep.v1.SetPasswordRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class AccountTest {
  @TempDir Path directory;
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String input, boolean interactive, String... args) {
    return Invocation.run(
        Map.of("XDG_CONFIG_HOME", directory.toString(), "COLUMNS", "160"),
        input,
        interactive,
        args);
  }

  private Invocation login(String... more) {
    List<String> args = new ArrayList<>(List.of("login", "--server", server(), "--user", "ada"));
    args.addAll(List.of(more));
    return skep("tin soldiers\n", false, args.toArray(String[]::new));
  }

  private String server() {
    return "http://127.0.0.1:" + controlPlane.port();
  }

  private String config() throws IOException {
    return Files.readString(directory.resolve("skep/config.json"));
  }

  private <T> T asked(Class<T> type) {
    return type.cast(
        controlPlane.requests.stream().filter(type::isInstance).findFirst().orElseThrow());
  }

  @Test
  void aPersonIsAskedForNameAndPassword() throws IOException {
    var login = skep("ada\ntin soldiers\n", true, "login", "--server", server());

    assertThat(login.code()).as(login.err()).isZero();
    assertThat(login.err()).isEqualTo("User: Password: ");
    assertThat(login.out())
        .contains("as ada of acme, beta", "skep login --org NAME")
        .doesNotContain("sks_", "tin soldiers");
    assertThat(asked(LoginRequest.class).getUser()).isEqualTo("ada");
    assertThat(asked(LoginRequest.class).getPassword()).isEqualTo("tin soldiers");
    assertThat(controlPlane.authorizations).containsExactly("null", "Bearer sks_1");
    assertThat(config()).contains("sks_1").doesNotContain("tin soldiers");
  }

  @Test
  void theOrganizationOfALoginIsThatOfLaterCalls() {
    assertThat(login("--org", "beta").code()).isZero();
    assertThat(skep("", false, "services", "ls").code()).isZero();
    assertThat(controlPlane.organizations).last().isEqualTo("beta");
    assertThat(skep("", false, "--org", "acme", "services", "ls").code()).isZero();
    assertThat(controlPlane.organizations).last().isEqualTo("acme");
  }

  @Test
  void whoSignsOutSignsInAgainWithoutNamingTheServer() throws IOException {
    assertThat(login("--context", "lab").code()).isZero();
    assertThat(skep("", false, "logout").out()).contains("logged out of " + server());
    assertThat(config()).doesNotContain("sks_").contains(server());
    assertThat(skep("tin soldiers\n", false, "login", "-u", "ada").out())
        .contains("context 'lab' is in use");
    assertThat(config()).contains("sks_1");
  }

  @Test
  void aPasswordIsSetWithACode() {
    var set = skep("skc_1\nseven tugboats\n", false, "passwd", "--code", "--server", server());

    assertThat(set.out()).contains("of ada is set", "--user ada");
    assertThat(asked(SetPasswordRequest.class).getCode()).isEqualTo("skc_1");
    assertThat(asked(SetPasswordRequest.class).getPassword()).isEqualTo("seven tugboats");
  }

  @Test
  void aNewPasswordIsTypedTwiceAndGivesANewSession() throws IOException {
    assertThat(login().code()).isZero();
    var differ = skep("old\nnew one\nnew two\n", true, "passwd");
    assertThat(differ.code()).isEqualTo(2);
    assertThat(differ.err()).contains("nothing was changed");
    var changed = skep("old\nnew one\nnew one\n", true, "passwd");
    assertThat(changed.code()).as(changed.err()).isZero();
    assertThat(asked(ChangePasswordRequest.class).getNewPassword()).isEqualTo("new one");
    assertThat(config()).contains("sks_2").doesNotContain("sks_1");
  }

  @Test
  void sessionsAreListedAndEnded() {
    assertThat(login().code()).isZero();
    assertThat(skep("", false, "sessions", "ls").out())
        .containsPattern("s1 +192.0.2.1 +skep .*\\*");
    assertThat(skep("", false, "sessions", "rm", "s1").out()).isEqualTo("session s1 has ended\n");
    assertThat(asked(EndSessionRequest.class).getSession()).isEqualTo("s1");
  }

  @Test
  void aProgramWithoutATokenIsToldWhatToGive() {
    var nothing = skep("", false, "login", "--server", server());

    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err()).contains("--token-stdin", "--user");
  }

  @Test
  void whoHasASecondFactorIsAskedForACode() {
    controlPlane.account.totp = true;
    var login = skep("tin soldiers\n123456\n", true, "login", "--server", server(), "-u", "ada");

    assertThat(login.code()).as(login.err()).isZero();
    assertThat(login.err()).isEqualTo("Password: Code: ");
    assertThat(asked(LoginRequest.class).getCode()).isEqualTo("123456");
  }

  @Test
  void aSecondFactorIsSwitchedOnAndOff() {
    assertThat(login().code()).isZero();
    var enabled = skep("654321\n", false, "totp", "enable");
    assertThat(enabled.err()).contains("MZXW", "otpauth://");
    assertThat(enabled.out()).contains("abc-def").doesNotContain("MZXW");
    assertThat(asked(ConfirmTotpRequest.class).getCode()).isEqualTo("654321");
    assertThat(skep("tin soldiers\n", false, "totp", "disable").out())
        .isEqualTo("the second factor is off\n");
    assertThat(skep("123456\n", false, "confirm").code()).isZero();
    assertThat(asked(ConfirmIdentityRequest.class).getCode()).isEqualTo("123456");
  }

  @Test
  void invitationsAreMadeListedAndAccepted() throws IOException {
    assertThat(login().code()).isZero();
    assertThat(skep("", false, "members", "invite", "--role", "viewer", "--email", "bob").out())
        .contains("https://skep.example/invitation?code=ski_1\n")
        .contains("skep accept ski_1 --server " + server());
    assertThat(asked(CreateInvitationRequest.class).getRole()).isEqualTo(Role.ROLE_VIEWER);
    assertThat(skep("", false, "invitations", "ls").out()).containsPattern("i1 +viewer +bob +ada");
    assertThat(skep("", false, "invitations", "rm", "i1").code()).isZero();
    assertThat(skep("", false, "accept", "ski_1").out()).isEqualTo("you belong to acme now\n");
    var bob =
        skep(
            "tin soldiers\n",
            false,
            "accept",
            "ski_2",
            "--user",
            "bob",
            "--server",
            server(),
            "--context",
            "bob");
    assertThat(bob.out()).contains("you are bob of acme now; context 'bob' is in use");
    assertThat(config()).contains("sks_3");
  }

  @Test
  void aBrowserShowsACodeThatIsTypedHere() throws IOException {
    var login = skep("abcdef\n", false, "login", "--server", server(), "--sso");
    assertThat(login.code()).as(login.err()).isZero();
    assertThat(login.err()).contains("https://id.example/?x=y");
    assertThat(asked(FinishSsoRequest.class).getCode()).isEqualTo("abcdef");
    assertThat(asked(FinishSsoRequest.class).getVerifierSecret()).isEqualTo("v1");
    assertThat(config()).contains("sks_4");
    assertThat(skep("abcdef\n", false, "login", "--sso", "--link").code()).isZero();
    assertThat(asked(LinkSsoRequest.class)).isNotNull();
    assertThat(controlPlane.authorizations).contains("Bearer sks_4");
    assertThat(skep("", false, "identities", "ls").out())
        .containsPattern("i1 +https://id.example +ada");
    assertThat(skep("", false, "identities", "rm", "i1").code()).isZero();
    assertThat(asked(RemoveIdentityRequest.class).getIdentity()).isEqualTo("i1");
  }
}
