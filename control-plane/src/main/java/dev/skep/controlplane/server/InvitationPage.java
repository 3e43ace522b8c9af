package dev.skep.controlplane.server;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.identity.IdentityFeature;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.controlplane.sso.SsoFeature;
import dev.skep.controlplane.tenancy.Entered;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Invitations.Invited;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * What a person sees who opens the link of an invitation: who invites to what, and how to accept.
 * The code goes from the address into a cookie at once, so that neither the history of the browser
 * nor other sites learn it.
 */
final class InvitationPage implements HttpService {
  static final String PATH = "/invitation";

  private static final Pattern CODE = Pattern.compile("ski_[0-9a-f]{1,128}");

  private static final String FORMS =
      """
      <h2>I am new here</h2>
      <form method="post" action="/invitation"><input type="hidden" name="how" value="new">
      <p><label>Name<br><input name="user" autocomplete="username" maxlength="63" required></label></p>
      <p><label>Password, at least 12 characters<br>
      <input type="password" name="password" autocomplete="new-password" minlength="12" required></label></p>
      <button>Make an account and accept</button></form>
      <h2>I have an account</h2>
      <form method="post" action="/invitation"><input type="hidden" name="how" value="known">
      <p><label>Name<br><input name="user" autocomplete="username" required></label></p>
      <p><label>Password<br><input type="password" name="password" autocomplete="current-password" required></label></p>
      <p><label>Code of the second factor, if you have one<br>
      <input name="totp" inputmode="numeric" autocomplete="one-time-code"></label></p>
      <button>Sign in and accept</button></form>
      """;
  private static final String SSO_FORM =
      """
      <h2>Over your identity provider</h2>
      <form method="post" action="/invitation"><input type="hidden" name="how" value="sso">
      <button>Accept with single sign-on</button></form>
      """;

  private final IdentityFeature identity;
  private final SsoFeature sso;
  private final SessionCookie sessions;

  InvitationPage(IdentityFeature identity, SsoFeature sso, SessionCookie sessions) {
    this.identity = identity;
    this.sso = sso;
    this.sessions = sessions;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    return HttpResponse.of(
        request
            .aggregate()
            .thenCompose(
                whole ->
                    CompletableFuture.supplyAsync(
                        () -> answer(ctx, whole), ctx.blockingTaskExecutor())));
  }

  private HttpResponse answer(ServiceRequestContext ctx, AggregatedHttpRequest request) {
    Optional<String> linked = Optional.ofNullable(ctx.queryParams().get("code"));
    Optional<String> code = linked.or(() -> PageCookies.INVITATION.in(request.headers()));
    Optional<Invited> invited = code.filter(CODE.asMatchPredicate()).flatMap(identity::invited);
    if (invited.isEmpty()) {
      return gone();
    }
    if (linked.isPresent()) {
      return HtmlPage.goTo(PATH, PageCookies.INVITATION.with(linked.get()));
    }
    if (request.method() != HttpMethod.POST) {
      return page(HttpStatus.OK, invited.get(), "");
    }
    if (!sessions.isOurs(ctx, request.headers())) {
      return page(HttpStatus.FORBIDDEN, invited.get(), "Please send the form from this page.");
    }
    try {
      return accept(code.get(), QueryParams.fromQueryString(request.contentUtf8()));
    } catch (RuntimeException e) {
      return refused(invited.get(), Errors.status(e));
    }
  }

  private HttpResponse accept(String code, QueryParams form) {
    if (form.get("how", "").equals("sso")) {
      SsoFeature.Begun begun = sso.begin(Authentication.origin());
      return new HtmlPage(
              HttpStatus.OK,
              "Almost there",
              "<p><a rel=\"noreferrer\" href=\""
                  + HtmlPage.escape(begun.url().toString())
                  + "\">Go on to the identity provider</a></p>")
          .response(List.of(PageCookies.SSO.with(begun.verifier())));
    }
    var way =
        form.get("how", "").equals("known")
            ? IdentityFeature.Way.ACCOUNT_THAT_IS_THERE
            : IdentityFeature.Way.NEW_ACCOUNT;
    var person =
        new IdentityFeature.Person(
            form.get("user", "").strip(), form.get("password", ""), form.get("totp", "").strip());
    return in(identity.accept(way, code, person, Authentication.origin()));
  }

  /** Somebody belongs to the organization now, and this browser is signed in. */
  static HttpResponse in(Entered entered) {
    List<Cookie> cookies =
        List.of(
            SessionCookie.of(entered.sessionToken()),
            PageCookies.INVITATION.gone(),
            PageCookies.SSO.gone());
    return new HtmlPage(
            HttpStatus.OK,
            "You belong to " + entered.organizationName(),
            "<p>Your name here is <b>"
                + HtmlPage.escape(entered.userName())
                + "</b>. On the command line, <code>skep login --server</code> with the address of"
                + " this page signs you in.</p>")
        .response(cookies);
  }

  private HttpResponse refused(Invited invited, StatusRuntimeException failure) {
    ErrorBody error = ErrorBody.of(failure, "");
    StringBuilder text = new StringBuilder(error.message());
    error.fields().forEach(field -> text.append(" ").append(field.description()).append("."));
    return page(ErrorBody.status(failure, error.code()), invited, text.toString());
  }

  static HttpResponse gone() {
    return new HtmlPage(
            HttpStatus.NOT_FOUND,
            "There is no such invitation",
            "<p>" + HtmlPage.escape(String.valueOf(Invitations.refused().getMessage())) + "</p>")
        .response(List.of(PageCookies.INVITATION.gone()));
  }

  private HttpResponse page(HttpStatus status, Invited invited, String trouble) {
    String role = invited.role().name().replaceFirst("^ROLE_", "").toLowerCase(Locale.ROOT);
    return new HtmlPage(
            status,
            "You are invited to " + invited.organizationName(),
            (trouble.isEmpty()
                    ? ""
                    : "<p role=\"alert\"><b>" + HtmlPage.escape(trouble) + "</b></p>")
                + "<p><b>%s</b> invites you to join the organization <b>%s</b> as <b>%s</b>. Whoever accepts first, belongs to it.</p>"
                    .formatted(
                        HtmlPage.escape(invited.invitedBy()),
                        HtmlPage.escape(invited.organizationName()),
                        role)
                + FORMS
                + (sso.isOn() ? SSO_FORM : ""))
        .response(List.of());
  }
}
