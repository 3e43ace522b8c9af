package dev.skep.controlplane.server;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of browsers: the token travels in a cookie that scripts cannot read. A page of somebody
 * else cannot use it, because what changes something has to come from our own pages.
 */
final class SessionCookie {
  /** Asks for a cookie instead of a token in the answer. */
  static final String WISH = "skep-session";

  private static final String NAME = "__Host-skep";
  private static final String TOKEN = "sessionToken";

  /** What answers with a token, or ends the one of the cookie. */
  private static final Pattern BEGINS =
      Pattern.compile("/api/(login|logout|signup|sso/finish|me/password)");

  private static final Set<HttpMethod> READS =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private final String home;

  SessionCookie(String clientUrl) {
    this.home = origin(URI.create(clientUrl));
  }

  HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    Optional<String> token = token(request.headers());
    boolean wished = request.headers().contains(WISH, "cookie");
    boolean asks = token.isPresent() || wished;
    if (asks && !READS.contains(request.method()) && !isOurs(ctx, request.headers())) {
      return foreign(ctx);
    }
    boolean begins = asks && BEGINS.matcher(ctx.path()).matches();
    HttpRequest signed = token.map(text -> signed(request, text)).orElse(request);
    HttpRequest asked = begins ? plain(signed) : signed;
    ctx.updateRequest(asked);
    HttpResponse response = delegate.serve(ctx, asked);
    return begins
        ? HttpResponse.of(response.aggregate().thenApply(one -> withCookie(ctx, one)))
        : response;
  }

  /** The answer has to be read, so it must not be compressed yet. */
  private static HttpRequest plain(HttpRequest request) {
    return request.mapHeaders(
        headers -> headers.withMutations(h -> h.remove(HttpHeaderNames.ACCEPT_ENCODING)));
  }

  /** Whoever signs calls by themselves needs no cookie. */
  private static Optional<String> token(RequestHeaders headers) {
    return headers.contains(HttpHeaderNames.AUTHORIZATION)
        ? Optional.empty()
        : headers.cookies().stream()
            .filter(cookie -> cookie.name().equals(NAME))
            .map(Cookie::value)
            .findFirst();
  }

  private static HttpRequest signed(HttpRequest request, String token) {
    return request.mapHeaders(
        headers ->
            headers.withMutations(h -> h.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token)));
  }

  /**
   * A browser says where a page comes from; it is ours under our name or the one it was asked by.
   */
  boolean isOurs(ServiceRequestContext ctx, RequestHeaders headers) {
    @Nullable String from = headers.get(HttpHeaderNames.ORIGIN);
    String scheme = ctx.sessionProtocol().isTls() ? "https" : "http";
    return from != null && (from.equals(home) || from.equals(scheme + "://" + headers.authority()));
  }

  private static HttpResponse foreign(ServiceRequestContext ctx) {
    return ErrorBody.response(
        HttpStatus.FORBIDDEN,
        new ErrorBody(
            "ORIGIN_REFUSED",
            "with a cookie, what changes something has to come from a page of this control plane"
                + " (header origin); programs use a token",
            List.of(),
            ctx.id().shortText()));
  }

  private static HttpResponse withCookie(ServiceRequestContext ctx, AggregatedHttpResponse one) {
    if (!one.status().isSuccess()) {
      return one.toHttpResponse();
    }
    if (ctx.path().endsWith("/logout")) {
      return answer(one, one.content(), cookie("", 0));
    }
    JsonObject body = JsonParser.parseString(one.contentUtf8()).getAsJsonObject();
    if (!body.has(TOKEN)) {
      // Left out with "fields": whoever does not want it gets none.
      return one.toHttpResponse();
    }
    String token = body.get(TOKEN).getAsString();
    body.addProperty(TOKEN, "");
    return answer(one, HttpData.ofUtf8(body.toString()), of(token));
  }

  private static HttpResponse answer(AggregatedHttpResponse one, HttpData body, Cookie cookie) {
    return HttpResponse.of(
        one.headers()
            .withMutations(
                headers -> {
                  headers.remove(HttpHeaderNames.CONTENT_LENGTH);
                  headers.set(HttpHeaderNames.SET_COOKIE, cookie.toSetCookieHeader());
                  headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
                }),
        body);
  }

  private static Cookie cookie(String token, long seconds) {
    return Cookie.secureBuilder(NAME, token).path("/").sameSite("Lax").maxAge(seconds).build();
  }

  /** Signs a browser in. */
  static Cookie of(String token) {
    return cookie(token, Cookie.UNDEFINED_MAX_AGE);
  }

  private static String origin(URI url) {
    return url.getScheme() + "://" + url.getAuthority();
  }
}
