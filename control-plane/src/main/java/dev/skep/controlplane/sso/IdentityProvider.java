package dev.skep.controlplane.sso;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWT;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Talks to the provider. Every call of it ends within seconds; what it says is checked. */
final class IdentityProvider {
  private static final int CONNECT_MILLIS = 3_000;
  private static final int READ_MILLIS = 5_000;
  private static final int MOST_BYTES = 256 << 10;
  private static final Duration METADATA_AGE = Duration.ofHours(1);
  private static final Duration SKEW = Duration.ofMinutes(1);
  private static final Scope SCOPE = new Scope("openid", "profile");

  /** Public keys only: with a shared key whoever knows it could sign, and "none" signs nothing. */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private final SsoSettings.Client client;
  private final URI redirect;
  private final InstantSource clock;
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

  IdentityProvider(SsoSettings.Client client, URI redirect, InstantSource clock) {
    this.client = client;
    this.redirect = redirect;
    this.clock = clock;
  }

  /** What the provider says of itself, with its keys; read again now and then. */
  private record Known(
      OIDCProviderMetadata metadata, JWKSource<SecurityContext> keys, Instant readAt) {}

  /** What an answer of the provider has to fit. */
  record Expected(String nonce, String codeVerifier) {
    static Expected random() {
      return new Expected(new Nonce().getValue(), new CodeVerifier().getValue());
    }

    @Override
    public String toString() {
      return "Expected[]";
    }
  }

  /**
   * Who somebody is there.
   *
   * @param name a wish for a name here; nothing that proves anything
   */
  record Identity(String issuer, String subject, String name) {}

  /** The provider did not let somebody in, or said something that cannot be trusted. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }

    Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Where the browser has to go. */
  URI login(String state, Expected expected) throws Refused {
    return new AuthenticationRequest.Builder(
            new ResponseType(ResponseType.Value.CODE), SCOPE, new ClientID(client.id()), redirect)
        .endpointURI(known().metadata.getAuthorizationEndpointURI())
        .state(new State(state))
        .nonce(new Nonce(expected.nonce))
        .codeChallenge(new CodeVerifier(expected.codeVerifier), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  /** Exchanges the code that the browser brought. */
  Identity identity(String code, Expected expected) throws Refused {
    Known provider = known();
    JWT token = idToken(provider, code, expected);
    try {
      IDTokenClaimsSet claims =
          new IDTokenValidator(
                  provider.metadata.getIssuer(),
                  new ClientID(client.id()),
                  new JWSVerificationKeySelector<>(ALGORITHMS, provider.keys),
                  null)
              .validate(token, new Nonce(expected.nonce));
      requireBegun(claims);
      return new Identity(
          claims.getIssuer().getValue(), claims.getSubject().getValue(), wish(claims));
    } catch (BadJOSEException | JOSEException e) {
      throw new Refused("what the identity provider says cannot be trusted", e);
    }
  }

  private JWT idToken(Known provider, String code, Expected expected) throws Refused {
    var grant =
        new AuthorizationCodeGrant(
            new AuthorizationCode(code), redirect, new CodeVerifier(expected.codeVerifier));
    HTTPRequest request =
        new TokenRequest.Builder(
                provider.metadata.getTokenEndpointURI(),
                new ClientSecretBasic(new ClientID(client.id()), new Secret(client.secret())),
                grant)
            .build()
            .toHTTPRequest();
    request.setConnectTimeout(CONNECT_MILLIS);
    request.setReadTimeout(READ_MILLIS);
    request.setFollowRedirects(false);
    try {
      TokenResponse response = OIDCTokenResponseParser.parse(request.send());
      if (!response.indicatesSuccess()) {
        throw new Refused("the identity provider did not accept the login");
      }
      return ((OIDCTokenResponse) response.toSuccessResponse()).getOIDCTokens().getIDToken();
    } catch (IOException | ParseException e) {
      throw new Refused("the identity provider does not answer as it should", e);
    }
  }

  private void requireBegun(IDTokenClaimsSet claims) throws Refused {
    Date notBefore = claims.getDateClaim("nbf");
    if (notBefore != null && notBefore.toInstant().isAfter(clock.instant().plus(SKEW))) {
      throw new Refused("what the identity provider says is not valid yet");
    }
  }

  private static String wish(IDTokenClaimsSet claims) {
    String name = claims.getStringClaim("preferred_username");
    return name == null ? claims.getSubject().getValue() : name;
  }

  private Known known() throws Refused {
    Known last = known.get();
    if (last != null && last.readAt.plus(METADATA_AGE).isAfter(clock.instant())) {
      return last;
    }
    try {
      OIDCProviderMetadata metadata =
          OIDCProviderMetadata.resolve(new Issuer(client.issuer()), CONNECT_MILLIS, READ_MILLIS);
      JWKSource<SecurityContext> keys =
          JWKSourceBuilder.<SecurityContext>create(
                  metadata.getJWKSetURI().toURL(),
                  new DefaultResourceRetriever(CONNECT_MILLIS, READ_MILLIS, MOST_BYTES))
              .build();
      Known read = new Known(metadata, keys, clock.instant());
      known.set(read);
      return read;
    } catch (IOException | GeneralException e) {
      throw new Refused("the identity provider " + client.issuer() + " does not answer", e);
    }
  }
}
