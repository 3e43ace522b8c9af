package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.sso.SsoFeature;
import dev.skep.controlplane.tenancy.Entered;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where browsers come back from the identity provider. The page shows a code for whoever began the
 * login; when that was this browser, to accept an invitation, it is done. Nothing that the provider
 * or the browser sent is on it.
 */
final class SsoCallback implements HttpService {
  static final String PATH = "/sso/callback";

  private final SsoFeature sso;

  SsoCallback(SsoFeature sso) {
    this.sso = sso;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    QueryParams query = ctx.queryParams();
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> page(query.get("state", ""), query.get("code", ""), request.headers()),
            ctx.blockingTaskExecutor()));
  }

  private HttpResponse page(String state, String code, RequestHeaders headers) {
    try {
      String shown = sso.comeBack(state, code);
      return joined(shown, headers)
          .map(InvitationPage::in)
          .orElseGet(
              () ->
                  page(
                      HttpStatus.OK,
                      "Almost there",
                      "<p>Give this code to the program in which you began to sign in. If you did"
                          + " not begin, or somebody else asks you for it, close this page.</p>"
                          + "<p><code>"
                          + shown
                          + "</code></p>"));
    } catch (Refusal e) {
      return page(
          HttpStatus.UNAUTHORIZED,
          "You are not signed in",
          "<p>This login is not valid, took too long, was ended before, or the identity provider did"
              + " not let you in. Begin anew.</p>");
    }
  }

  private Optional<Entered> joined(String grant, RequestHeaders headers) {
    return PageCookies.SSO
        .in(headers)
        .flatMap(
            verifier ->
                PageCookies.INVITATION
                    .in(headers)
                    .flatMap(
                        invitation ->
                            sso.join(grant, verifier, invitation, Authentication.origin())));
  }

  private static HttpResponse page(HttpStatus status, String title, String text) {
    return new HtmlPage(status, title, text).response(List.of());
  }
}
