package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.Belonging;
import dev.skep.v1.CreateInvitationRequest;
import dev.skep.v1.FinishSsoRequest;
import dev.skep.v1.FinishSsoResponse;
import dev.skep.v1.GetMeRequest;
import dev.skep.v1.GetMeResponse;
import dev.skep.v1.Identity;
import dev.skep.v1.InvitationsServiceGrpc;
import dev.skep.v1.LinkSsoRequest;
import dev.skep.v1.ListIdentitiesRequest;
import dev.skep.v1.RemoveIdentityRequest;
import dev.skep.v1.Role;
import dev.skep.v1.SsoLogin;
import dev.skep.v1.SsoServiceGrpc;
import dev.skep.v1.SsoServiceGrpc.SsoServiceBlockingStub;
import dev.skep.v1.StartSsoRequest;
import io.grpc.Channel;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.http.OAuth2HttpRequest;
import no.nav.security.mock.oauth2.http.OAuth2HttpResponse;
import no.nav.security.mock.oauth2.http.Route;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Logins over an identity provider, and what happens when it, or somebody who plays it, lies. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SsoApiTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String ISSUER = "skep-test";
  private static final String CLIENT = "skep";
  private static final String SECRET = "a secret of this client that is long enough";
  private static final Pattern SHOWN = Pattern.compile("<code>([0-9a-f]{32})</code>");

  private final Answers answers = new Answers();
  private final MockOAuth2Server provider = new MockOAuth2Server(answers);
  private final HttpClient browser = HttpClient.newHttpClient();
  private @Nullable TestControlPlane started;
  private @Nullable TestControlPlane closed;

  @BeforeAll
  void start(@TempDir Path directory, @TempDir Path other) {
    provider.start();
    Map<String, String> settings =
        Map.of(
            "SKEP_OIDC_ISSUER",
            provider.issuerUrl(ISSUER).toString(),
            "SKEP_OIDC_CLIENT_ID",
            CLIENT,
            "SKEP_OIDC_CLIENT_SECRET",
            SECRET);
    closed = new TestControlPlane(other, settings);
    Map<String, String> open = new java.util.HashMap<>(settings);
    open.put("SKEP_OIDC_ORGANIZATION", "default");
    started = new TestControlPlane(directory, open);
  }

  @AfterAll
  void stop() {
    browser.close();
    skep().close();
    Objects.requireNonNull(closed).close();
    provider.shutdown();
  }

  /** All tests call from one address. */
  @BeforeEach
  void nothingIsCounted() throws SQLException {
    var _ = skep().sql("delete from login_attempts");
  }

  @Test
  void aStrangerJoinsTheOrganizationAndIsKnownTheNextTime() {
    String subject = subject();
    FinishSsoResponse first = login(subject, "Ada.Lovelace@example.org");

    assertThat(first.getUserName()).isEqualTo("ada.lovelace");
    GetMeResponse me = me(first.getSessionToken());
    assertThat(me.getOrganizationsList())
        .extracting(Belonging::getOrganizationName)
        .containsExactly("default");
    assertThat(me.getOrganizationsList())
        .extracting(Belonging::getRole)
        .containsExactly(Role.ROLE_VIEWER);
    assertThat(login(subject, "Countess").getUserName()).isEqualTo("ada.lovelace");
    assertThat(login(subject(), "ada.lovelace").getUserName())
        .as("a name proves nothing: this is somebody else")
        .isEqualTo("ada.lovelace-2");
  }

  @Test
  void whatIsAskedOfTheProviderIsBoundToThisLogin() {
    Map<String, String> first = asked(begin().getUrl());
    Map<String, String> second = asked(begin().getUrl());

    assertThat(first)
        .containsEntry("response_type", "code")
        .containsEntry("client_id", CLIENT)
        .containsEntry("code_challenge_method", "S256")
        .containsEntry(
            "redirect_uri",
            "https://" + skep().request("/").build().uri().getAuthority() + "/sso/callback");
    for (String name : List.of("state", "nonce", "code_challenge")) {
      assertThat(first.get(name)).as(name).hasSizeGreaterThan(40).isNotEqualTo(second.get(name));
    }
  }

  @Test
  void whatTheProviderDidNotSayIsNotBelieved() throws JOSEException, ParseException {
    RSAKey foreign = new RSAKeyGenerator(2048).keyID("foreign").generate();
    String known = ((SignedJWT) right(new Asked(begin()))).getHeader().getKeyID();
    for (Forgery forgery :
        List.<Forgery>of(
            asked -> issued(asked, Map.of("nonce", "another"), CLIENT, 600),
            asked -> issued(asked, Map.of(), CLIENT, 600),
            asked -> issued(asked, Map.of("nonce", asked.nonce()), "somebody-else", 600),
            asked -> issued(asked, Map.of("nonce", asked.nonce()), CLIENT, -600),
            asked ->
                issued(
                    asked,
                    Map.of(
                        "nonce", asked.nonce(), "nbf", Date.from(Instant.now().plusSeconds(300))),
                    CLIENT,
                    600),
            asked -> signed(asked, foreign, "foreign"),
            asked -> signed(asked, foreign, known),
            asked -> shared(asked),
            asked -> new PlainJWT(claims(asked)))) {
      SsoLogin login = begin();
      Asked asked = new Asked(login);
      answer(forgery.of(asked));
      assertThat(comeBack(asked.state(), "any").statusCode()).isEqualTo(401);
    }
    SsoLogin login = begin();
    Asked asked = new Asked(login);
    answer(right(asked));
    assertThat(comeBack(asked.state(), "any").statusCode())
        .as("it is not the way in which these tests lie that is refused")
        .isEqualTo(200);
  }

  @Test
  void aStateCountsOnceAndOnlyWhereItWasMade() throws ParseException {
    Asked asked = new Asked(begin());
    answer(right(asked));
    assertThat(comeBack(asked.state(), "any").statusCode()).isEqualTo(200);
    HttpResponse<String> replayed = comeBack(asked.state(), "any");
    assertThat(replayed.statusCode()).isEqualTo(401);
    assertThat(replayed.body()).doesNotContain(asked.state(), "any<");
    assertThat(comeBack("made-up", "any").statusCode()).isEqualTo(401);
    assertThat(comeBack("", "").statusCode()).isEqualTo(401);
  }

  @Test
  void onlyWhoeverBeganEndsTheLoginAndOnce() {
    SsoLogin login = begin();
    SsoLogin others = begin();
    String shown = shown(login, subject(), "bob");

    assertRefused("CODE_REFUSED", () -> finish(shown, others.getVerifierSecret()));
    assertRefused("CODE_REFUSED", () -> finish("0".repeat(32), login.getVerifierSecret()));
    assertThat(finish(shown, login.getVerifierSecret()).getSessionToken()).startsWith("sks_");
    assertRefused("CODE_REFUSED", () -> finish(shown, login.getVerifierSecret()));
  }

  @Test
  void withoutAnOrganizationOnlyThoseComeInWhoHaveLinkedTheirAccount() {
    TestControlPlane strict = Objects.requireNonNull(closed);
    var nobody = SsoServiceGrpc.newBlockingStub(strict.people(""));
    String subject = subject();
    SsoLogin stranger = nobody.startSso(StartSsoRequest.getDefaultInstance()).getLogin();
    String shown = shown(strict, stranger, subject, "eve");
    assertRefused("IDENTITY_UNKNOWN", () -> finish(nobody, shown, stranger.getVerifierSecret()));

    TestPerson ada = TestPerson.create(strict, "ada");
    Channel session = ada.signedIn();
    var hers = SsoServiceGrpc.newBlockingStub(session);
    SsoLogin link = hers.linkSso(LinkSsoRequest.getDefaultInstance()).getLogin();
    assertThat(
            finish(nobody, shown(strict, link, subject, "x"), link.getVerifierSecret())
                .getUserName())
        .isEqualTo("ada");
    SsoLogin again = nobody.startSso(StartSsoRequest.getDefaultInstance()).getLogin();
    assertThat(
            finish(nobody, shown(strict, again, subject, "y"), again.getVerifierSecret())
                .getUserName())
        .isEqualTo("ada");

    var own = hers.listIdentities(ListIdentitiesRequest.getDefaultInstance());
    assertThat(own.getIdentitiesList())
        .extracting(Identity::getSubject, Identity::getIssuer)
        .containsExactly(tuple(subject, provider.issuerUrl(ISSUER).toString()));

    TestPerson bob = TestPerson.create(strict, "bob");
    SsoLogin stolen =
        SsoServiceGrpc.newBlockingStub(bob.signedIn())
            .linkSso(LinkSsoRequest.getDefaultInstance())
            .getLogin();
    String taken = shown(strict, stolen, subject, "z");
    assertRefused("IDENTITY_TAKEN", () -> finish(nobody, taken, stolen.getVerifierSecret()));
    var remove =
        RemoveIdentityRequest.newBuilder().setIdentity(own.getIdentities(0).getId()).build();
    assertRefused(
        "IDENTITY_NOT_FOUND",
        () -> SsoServiceGrpc.newBlockingStub(bob.signedIn()).removeIdentity(remove));

    assertThat(hers.removeIdentity(remove)).as("she has a password").isNotNull();
    assertThat(hers.listIdentities(ListIdentitiesRequest.getDefaultInstance()).getIdentitiesCount())
        .isZero();
    SsoLogin forgotten = nobody.startSso(StartSsoRequest.getDefaultInstance()).getLogin();
    String nobodys = shown(strict, forgotten, subject, "y");
    assertRefused("IDENTITY_UNKNOWN", () -> finish(nobody, nobodys, forgotten.getVerifierSecret()));
  }

  /** Without an organization that is open to all: who is invited comes in. */
  @Test
  void whoIsInvitedAcceptsInTheBrowserAndNobodyElseDoesItForThem() {
    TestControlPlane strict = Objects.requireNonNull(closed);
    TestTenant tenant = new TestTenant(strict, "hosts");
    String code =
        InvitationsServiceGrpc.newBlockingStub(tenant.platform())
            .createInvitation(
                CreateInvitationRequest.newBuilder().setRole(Role.ROLE_DEPLOYER).build())
            .getCode();
    String invitation = "__Host-skep-invitation=" + code;
    HttpResponse<String> begun =
        strict.send(
            strict
                .request("/invitation")
                .header("cookie", invitation)
                .header("origin", "http://127.0.0.1:" + strict.port())
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("how=sso")));
    Matcher link = Pattern.compile("href=\"([^\"]+)\"").matcher(begun.body());
    assertThat(link.find()).as(begun.body()).isTrue();
    String sso = begun.headers().firstValue("set-cookie").orElseThrow().replaceFirst(";.*", "");
    URI back = atProvider(link.group(1).replace("&amp;", "&"), subject(), "carol");

    String callback = back.getRawPath() + "?" + back.getRawQuery();
    HttpResponse<String> in =
        strict.send(strict.request(callback).header("cookie", invitation + "; " + sso));
    assertThat(in.body()).contains("You belong to hosts", "carol").doesNotContainPattern(SHOWN);
    String cookie =
        in.headers().allValues("set-cookie").stream()
            .filter(one -> one.startsWith("__Host-skep=sks_"))
            .findFirst()
            .orElseThrow();
    assertThat(
            AccountServiceGrpc.newBlockingStub(
                    strict.people(cookie.replaceFirst("^__Host-skep=", "").replaceFirst(";.*", "")))
                .getMe(GetMeRequest.getDefaultInstance())
                .getOrganizationsList())
        .extracting(Belonging::getOrganizationName, Belonging::getRole)
        .containsExactly(tuple("hosts", Role.ROLE_DEPLOYER));

    SsoLogin elsewhere = begin();
    URI foreign = atProvider(elsewhere.getUrl(), subject(), "dave");
    assertThat(
            skep()
                .send(
                    skep()
                        .request(foreign.getRawPath() + "?" + foreign.getRawQuery())
                        .header("cookie", invitation + "; " + sso))
                .body())
        .as("a login that began in another program shows its code")
        .containsPattern(SHOWN);
  }

  @Test
  void theLastWayInStays() throws SQLException {
    String subject = subject();
    Channel session = skep().people(login(subject, "single").getSessionToken());
    var own = SsoServiceGrpc.newBlockingStub(session);
    Identity identity =
        own.listIdentities(ListIdentitiesRequest.getDefaultInstance()).getIdentities(0);
    var remove = RemoveIdentityRequest.newBuilder().setIdentity(identity.getId()).build();

    assertRefused("LAST_WAY_IN", () -> own.removeIdentity(remove));
    // Over a provider that is not asked any more nobody comes in.
    other(identity, "https://former.example.org");
    assertRefused("LAST_WAY_IN", () -> own.removeIdentity(remove));
    other(identity, provider.issuerUrl(ISSUER).toString());
    assertThat(own.removeIdentity(remove)).isNotNull();
  }

  /** The same account is known by one more. */
  private void other(Identity like, String issuer) throws SQLException {
    var _ =
        skep()
            .sql(
                """
                insert into user_identities (issuer, subject, user_id)
                select '%s', subject || '-other', user_id from user_identities where id = '%s'
                """
                    .formatted(issuer, like.getId()));
  }

  /** Makes a token for a login that is under way. */
  private interface Forgery {
    JWT of(Asked asked) throws JOSEException, ParseException;
  }

  /** What the browser takes to the provider. */
  private record Asked(Map<String, String> parameters) {
    Asked(SsoLogin login) {
      this(asked(login.getUrl()));
    }

    String state() {
      return Objects.requireNonNull(parameters.get("state"));
    }

    String nonce() {
      return Objects.requireNonNull(parameters.get("nonce"));
    }
  }

  private JWT right(Asked asked) {
    return issued(asked, Map.of("nonce", asked.nonce()), CLIENT, 600);
  }

  /** By the provider itself. */
  private JWT issued(Asked asked, Map<String, Object> claims, String audience, long seconds) {
    assertThat(asked.state()).isNotEmpty();
    return provider.issueToken(
        ISSUER,
        CLIENT,
        new DefaultOAuth2TokenCallback(
            ISSUER, subject(), JOSEObjectType.JWT.getType(), List.of(audience), claims, seconds));
  }

  private JWTClaimsSet claims(Asked asked) {
    return new JWTClaimsSet.Builder()
        .issuer(provider.issuerUrl(ISSUER).toString())
        .subject("mallory")
        .audience(CLIENT)
        .claim("nonce", asked.nonce())
        .issueTime(Date.from(Instant.now()))
        .expirationTime(Date.from(Instant.now().plusSeconds(600)))
        .build();
  }

  private JWT signed(Asked asked, RSAKey key, String keyId) throws JOSEException {
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).build(), claims(asked));
    token.sign(new RSASSASigner(key));
    return token;
  }

  /** With the secret that the client and the provider share. */
  private JWT shared(Asked asked) throws JOSEException {
    var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims(asked));
    token.sign(new MACSigner(SECRET));
    return token;
  }

  /** What the provider says the next time that it is asked for a token. */
  private void answer(JWT token) {
    answers.next.add(
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}"
            .formatted(token.serialize()));
  }

  /** Where tokens are asked for: what a test says instead of the provider, once each. */
  private static final class Answers implements Route {
    private final Queue<String> next = new ConcurrentLinkedQueue<>();

    @Override
    public boolean match(OAuth2HttpRequest request) {
      return request.getUrl().encodedPath().endsWith("/token") && !next.isEmpty();
    }

    @Override
    public OAuth2HttpResponse invoke(OAuth2HttpRequest request) {
      return new OAuth2HttpResponse(
          Headers.of("content-type", "application/json"), 200, next.remove(), null);
    }
  }

  private FinishSsoResponse login(String subject, String name) {
    SsoLogin login = begin();
    return finish(shown(login, subject, name), login.getVerifierSecret());
  }

  private String shown(SsoLogin login, String subject, String name) {
    return shown(skep(), login, subject, name);
  }

  /** A browser goes to the provider, comes back, and shows a code. */
  private String shown(TestControlPlane skep, SsoLogin login, String subject, String name) {
    URI back = atProvider(login.getUrl(), subject, name);
    HttpResponse<String> page =
        skep.send(skep.request(back.getRawPath() + "?" + back.getRawQuery()));
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    assertThat(page.headers().firstValue("cache-control")).hasValue("no-store");
    Matcher shown = SHOWN.matcher(page.body());
    assertThat(shown.find()).as(page.body()).isTrue();
    return shown.group(1);
  }

  /** Signs in at the provider; answers where the browser is sent back to. */
  private URI atProvider(String url, String subject, String name) {
    provider.enqueueCallback(
        new DefaultOAuth2TokenCallback(
            ISSUER,
            subject,
            JOSEObjectType.JWT.getType(),
            List.of(CLIENT),
            Map.of("preferred_username", name)));
    return URI.create(get(url).headers().firstValue("location").orElseThrow());
  }

  private HttpResponse<String> get(String url) {
    try {
      return browser.send(
          HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private HttpResponse<String> comeBack(String state, String code) {
    return skep().send(skep().request("/sso/callback?state=" + state + "&code=" + code));
  }

  private SsoLogin begin() {
    return nobody().startSso(StartSsoRequest.getDefaultInstance()).getLogin();
  }

  private FinishSsoResponse finish(String code, String verifier) {
    return finish(nobody(), code, verifier);
  }

  private static FinishSsoResponse finish(
      SsoServiceBlockingStub nobody, String code, String verifier) {
    return nobody.finishSso(
        FinishSsoRequest.newBuilder().setCode(code).setVerifierSecret(verifier).build());
  }

  private SsoServiceBlockingStub nobody() {
    return SsoServiceGrpc.newBlockingStub(skep().people(""));
  }

  private GetMeResponse me(String session) {
    return AccountServiceGrpc.newBlockingStub(skep().people(session))
        .getMe(GetMeRequest.getDefaultInstance());
  }

  private static Map<String, String> asked(String url) {
    Map<String, String> parameters = new java.util.HashMap<>();
    for (String one : URI.create(url).getRawQuery().split("&", -1)) {
      String[] parts = one.split("=", 2);
      parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private static String subject() {
    return "subject-" + NUMBER.incrementAndGet();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
