package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.Belonging;
import dev.skep.v1.CreateInvitationRequest;
import dev.skep.v1.CreateInvitationResponse;
import dev.skep.v1.GetMeRequest;
import dev.skep.v1.GetMeResponse;
import dev.skep.v1.InvitationsServiceGrpc;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.RevokeInvitationRequest;
import dev.skep.v1.Role;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A person opens the link of an invitation in a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class InvitationPageTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private @Nullable TestControlPlane started;
  private @Nullable TestTenant current;

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
  void begin() throws SQLException {
    var _ = skep().sql("delete from login_attempts");
    current = new TestTenant(skep(), "hosts" + NUMBER.incrementAndGet());
  }

  @Test
  void theLinkShowsWhoInvitesToWhatAndTheCodeIsOnNoPageAndInNoAddress() {
    CreateInvitationResponse made = invite();
    URI link = URI.create(made.getUrl());
    HttpResponse<String> opened =
        skep().send(skep().request(link.getPath() + "?" + link.getQuery()));

    assertThat(opened.statusCode()).isEqualTo(303);
    assertThat(header(opened, "location")).isEqualTo("/invitation");
    assertThat(header(opened, "set-cookie"))
        .contains("__Host-skep-invitation=", "Secure", "HTTPOnly", "SameSite=Lax");
    HttpResponse<String> page = page(made.getCode());
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("<b>admin</b> invites you", "<b>" + tenant().organization().getName() + "</b>")
        .contains("as <b>operator</b>")
        .doesNotContain(made.getCode(), "<script", "http:", "https:", "single sign-on");
    for (HttpResponse<String> one : List.of(opened, page)) {
      assertThat(header(one, "referrer-policy")).isEqualTo("no-referrer");
      assertThat(header(one, "cache-control")).isEqualTo("no-store");
      assertThat(header(one, "content-security-policy"))
          .contains("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'")
          .doesNotContain("script-src", "http");
      assertThat(one.body()).doesNotContain(made.getCode());
    }
  }

  @Test
  void somebodyNewMakesAnAccountAndTheBrowserIsSignedIn() {
    CreateInvitationResponse made = invite();
    String name = name();

    HttpResponse<String> weak = send(made.getCode(), "new", name, name + "1234567");
    assertThat(weak.statusCode()).isEqualTo(400);
    assertThat(weak.body()).contains("role=\"alert\"").doesNotContain(name + "1234567");
    HttpResponse<String> in = send(made.getCode(), "new", name, TestPerson.PASSWORD);
    assertThat(in.statusCode()).as(in.body()).isEqualTo(200);
    assertThat(in.body()).contains("You belong to " + tenant().organization().getName());
    assertThat(me(session(in)).getOrganizationsList())
        .extracting(Belonging::getOrganizationName, Belonging::getRole)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(
                tenant().organization().getName(), Role.ROLE_OPERATOR));
    assertThat(page(made.getCode()).statusCode()).as("it was for one person").isEqualTo(404);
    assertThat(send(made.getCode(), "new", name(), TestPerson.PASSWORD).statusCode())
        .isEqualTo(404);
  }

  @Test
  void somebodyWithAnAccountAcceptsWithThePassword() {
    TestPerson person = TestPerson.create(skep(), name());
    CreateInvitationResponse made = invite();

    assertThat(send(made.getCode(), "known", person.name(), "not the password").statusCode())
        .isEqualTo(401);
    HttpResponse<String> in = send(made.getCode(), "known", person.name(), TestPerson.PASSWORD);
    assertThat(in.statusCode()).as(in.body()).isEqualTo(200);
    assertThat(me(session(in)).getOrganizationsList())
        .extracting(Belonging::getOrganizationName)
        .containsExactly(tenant().organization().getName());
    HttpResponse<String> again =
        send(invite().getCode(), "known", person.name(), TestPerson.PASSWORD);
    assertThat(again.statusCode()).as("a member already").isEqualTo(409);
    assertThat(again.headers().allValues("set-cookie")).noneMatch(c -> c.contains("sks_"));
    assertThat(
            AuditServiceGrpc.newBlockingStub(tenant().platform())
                .listAuditEntries(ListAuditEntriesRequest.newBuilder().setPageSize(200).build())
                .getEntriesList())
        .extracting(AuditEntry::getAction, AuditEntry::getUserName, AuditEntry::getOutcome)
        .contains(org.assertj.core.api.Assertions.tuple("AcceptInvitation", person.name(), "DONE"));
  }

  @Test
  void formsOfOtherSitesAndCodesThatAreNoneDoNothing() {
    CreateInvitationResponse made = invite();
    String name = name();

    assertThat(post(made.getCode(), "https://evil.example", form("new", name)).statusCode())
        .isEqualTo(403);
    assertThat(post(made.getCode(), "", form("new", name)).statusCode()).isEqualTo(403);
    assertThat(page("ski_" + "0".repeat(64)).statusCode()).isEqualTo(404);
    assertThat(page("<b>").body()).doesNotContain("<b>");
    assertThat(skep().send(skep().request("/invitation")).statusCode()).isEqualTo(404);
    var _ =
        InvitationsServiceGrpc.newBlockingStub(tenant().platform())
            .revokeInvitation(
                RevokeInvitationRequest.newBuilder()
                    .setInvitation(made.getInvitation().getId())
                    .build());
    assertThat(page(made.getCode()).statusCode()).isEqualTo(404);
    assertRefused("LOGIN_REFUSED", () -> new TestPerson(skep(), name).login(TestPerson.PASSWORD));
  }

  private CreateInvitationResponse invite() {
    return InvitationsServiceGrpc.newBlockingStub(tenant().platform())
        .createInvitation(CreateInvitationRequest.newBuilder().setRole(Role.ROLE_OPERATOR).build());
  }

  private HttpResponse<String> page(String code) {
    return skep()
        .send(skep().request("/invitation").header("cookie", "__Host-skep-invitation=" + code));
  }

  private HttpResponse<String> send(String code, String how, String user, String password) {
    return post(
        code,
        "http://127.0.0.1:" + skep().port(),
        Map.of("how", how, "user", user, "password", password));
  }

  private static Map<String, String> form(String how, String user) {
    return Map.of("how", how, "user", user, "password", TestPerson.PASSWORD);
  }

  private HttpResponse<String> post(String code, String origin, Map<String, String> form) {
    var request =
        skep()
            .request("/invitation")
            .header("cookie", "__Host-skep-invitation=" + code)
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    form.entrySet().stream()
                        .map(
                            field ->
                                field.getKey()
                                    + "="
                                    + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))));
    return skep().send(origin.isEmpty() ? request : request.header("origin", origin));
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /** What the browser carries from now on. */
  private static String session(HttpResponse<String> response) {
    return response.headers().allValues("set-cookie").stream()
        .filter(cookie -> cookie.startsWith("__Host-skep=sks_"))
        .map(cookie -> cookie.substring("__Host-skep=".length(), cookie.indexOf(';')))
        .findFirst()
        .orElseThrow();
  }

  private GetMeResponse me(String session) {
    return AccountServiceGrpc.newBlockingStub(skep().people(session))
        .getMe(GetMeRequest.getDefaultInstance());
  }

  private static String name() {
    return "guest" + NUMBER.incrementAndGet();
  }

  private TestTenant tenant() {
    return Objects.requireNonNull(current);
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
