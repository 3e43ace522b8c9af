package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.CreateServiceAccountRequest;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.ListGrantsRequest;
import dev.skep.v1.Permission;
import dev.skep.v1.RemoveGrantRequest;
import dev.skep.v1.RemoveMemberRequest;
import dev.skep.v1.RevokeTokenRequest;
import dev.skep.v1.Role;
import dev.skep.v1.SetGrantRequest;
import dev.skep.v1.SetMemberRequest;
import dev.skep.v1.UpdateUserRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class PeopleTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String... args) {
    return Invocation.run(
        Map.of(
            "SKEP_SERVER",
            "http://127.0.0.1:" + controlPlane.port(),
            "SKEP_TOKEN",
            "skp_x",
            "COLUMNS",
            "160"),
        args);
  }

  private <T> T asked(Class<T> type) {
    return type.cast(
        controlPlane.requests.stream().filter(type::isInstance).findFirst().orElseThrow());
  }

  @Test
  void everythingIsListed() {
    assertThat(skep("orgs", "ls").out()).containsPattern("acme +2 +7");
    assertThat(skep("members", "ls").out())
        .containsPattern("ada +admin +person +active")
        .containsPattern("ci +deployer +program +active");
    assertThat(skep("users", "ls").out()).containsPattern("ada +active +admin");
    assertThat(skep("roles", "ls").out()).containsPattern("viewer +services-read,logs-read");
    assertThat(skep("tokens", "ls").out())
        .containsPattern("t1 +deploys +ci +services-write +web,\\(gone\\) +-");
  }

  @Test
  void aPlatformAdminActsInAnotherOrganization() {
    assertThat(skep("--org", "acme", "members", "ls").code()).isZero();
    assertThat(controlPlane.organizations).containsExactly("acme");
    assertThat(skep("members", "ls").code()).isZero();
    assertThat(controlPlane.organizations).containsExactly("acme", "null");
  }

  @Test
  void grantsOnOneServiceAreGivenAndTaken() {
    assertThat(skep("services", "grants", "ls", "web").out()).containsPattern("ada +deployer");
    assertThat(asked(ListGrantsRequest.class).getService()).isEqualTo("web");
    assertThat(
            skep("services", "grants", "add", "web", "--user", "ada", "--role", "deployer").out())
        .isEqualTo("ada is deployer of web\n");
    assertThat(asked(SetGrantRequest.class).getRole()).isEqualTo(Role.ROLE_DEPLOYER);
    assertThat(skep("services", "grants", "rm", "web", "--user", "ada").out())
        .isEqualTo("ada has no grant on web any more\n");
    assertThat(asked(RemoveGrantRequest.class).getUser()).isEqualTo("ada");
    assertThat(skep("services", "grants", "add", "web", "--role", "viewer").code()).isEqualTo(2);
  }

  @Test
  void aTokenIsNarrowedToServices() {
    assertThat(skep("tokens", "create", "deploys", "--service", "web", "--service", "api").code())
        .isZero();
    assertThat(asked(CreateTokenRequest.class).getServicesList()).containsExactly("web", "api");
  }

  @Test
  void rolesAreGivenAndTaken() {
    assertThat(skep("members", "set", "ada", "--role", "operator").out())
        .isEqualTo("ada is operator\n");
    assertThat(asked(SetMemberRequest.class).getRole()).isEqualTo(Role.ROLE_OPERATOR);
    var wrong = skep("members", "set", "ada", "--role", "boss");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("viewer, deployer, operator, admin, billing and member");
    assertThat(skep("members", "rm", "ada").code()).as("nobody is there to ask").isEqualTo(2);
    assertThat(skep("members", "rm", "ada", "--force").code()).isZero();
    assertThat(asked(RemoveMemberRequest.class).getUser()).isEqualTo("ada");
  }

  @Test
  void accountsAreMadeAndChanged() {
    assertThat(skep("orgs", "create", "acme").out()).contains("--org acme");
    assertThat(skep("users", "create", "bob").out())
        .contains("skep members set bob", "skc_1", "skep passwd --code --server http");
    assertThat(skep("users", "password-code", "bob").out()).contains("skc_1");
    assertThat(skep("users", "update", "bob").code()).isEqualTo(2);
    assertThat(skep("users", "update", "bob", "--disabled", "true").out()).contains("disabled");
    assertThat(asked(UpdateUserRequest.class).hasPlatformAdmin()).isFalse();
    assertThat(skep("members", "create-program", "ci", "--role", "deployer").out())
        .contains("skep tokens create NAME --of ci");
    assertThat(asked(CreateServiceAccountRequest.class).getRole()).isEqualTo(Role.ROLE_DEPLOYER);
  }

  @Test
  void theAuditTrailIsShownOldestFirstAndVerified() {
    assertThat(skep("audit", "tail").out())
        .containsPattern("(?s)ada +DeleteService +web +PERMISSION_DENIED.*ada +RestartService");
    assertThat(skep("audit", "verify").out()).contains("9 entries", "abcd");
    controlPlane.people.badEntry = 4;
    var bad = skep("audit", "verify");
    assertThat(bad.code()).isNotZero();
    assertThat(bad.err()).contains("entry 4", "missing");
  }

  @Test
  void aTokenIsShownOnceOrKeptInAPrivateFile(@TempDir Path directory) throws IOException {
    var shown =
        skep(
            "tokens",
            "create",
            "ci",
            "--of",
            "ci",
            "--may",
            "services-write,logs-read",
            "--ttl",
            "2h");
    assertThat(shown.out()).isEqualTo("skp_secret\n");
    assertThat(asked(CreateTokenRequest.class).getPermissionsList())
        .containsExactly(Permission.PERMISSION_SERVICES_WRITE, Permission.PERMISSION_LOGS_READ);
    assertThat(asked(CreateTokenRequest.class).getTtl().getSeconds()).isEqualTo(7_200);
    var file = directory.resolve("token");
    assertThat(skep("tokens", "create", "ci", "--save", file.toString()).out())
        .doesNotContain("skp_secret");
    assertThat(file).hasContent("skp_secret\n");
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(skep("tokens", "create", "x", "--may", "everything").err())
        .contains("skep roles ls");
    assertThat(skep("tokens", "rm", "t1").code()).isZero();
    assertThat(asked(RevokeTokenRequest.class).getToken()).isEqualTo("t1");
  }
}
