package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Refusal;
import java.util.concurrent.CompletableFuture;
import java.util.function.BinaryOperator;

/**
 * Where browsers come back from the identity provider. The page shows a code for whoever began the
 * login; nothing that the provider or the browser sent is on it.
 */
final class SsoCallback implements HttpService {
  static final String PATH = "/sso/callback";

  private final BinaryOperator<String> comeBack;

  /** {@code comeBack}: the code for a state and what the provider gave. */
  SsoCallback(BinaryOperator<String> comeBack) {
    this.comeBack = comeBack;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    QueryParams query = ctx.queryParams();
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> page(query.get("state", ""), query.get("code", "")), ctx.blockingTaskExecutor()));
  }

  private HttpResponse page(String state, String code) {
    try {
      String shown = comeBack.apply(state, code);
      return page(
          HttpStatus.OK,
          "Almost there",
          "<p>Give this code to the program in which you began to sign in. If you did not begin, or"
              + " somebody else asks you for it, close this page.</p><p><code>"
              + shown
              + "</code></p>");
    } catch (Refusal e) {
      return page(
          HttpStatus.UNAUTHORIZED,
          "You are not signed in",
          "<p>This login is not valid, took too long, was ended before, or the identity provider did"
              + " not let you in. Begin anew.</p>");
    }
  }

  private static HttpResponse page(HttpStatus status, String title, String text) {
    return HttpResponse.of(
        ResponseHeaders.builder(status)
            .contentType(MediaType.HTML_UTF_8)
            .add(HttpHeaderNames.CACHE_CONTROL, "no-store")
            .add(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
            .add(
                HttpHeaderNames.CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
            .build(),
        HttpData.ofUtf8(
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Skep</title>
            <body style="font-family: sans-serif; margin: 4rem auto; max-width: 40rem">
            <h1>%s</h1>%s</body></html>
            """
                .formatted(title, text)));
  }
}
