package dev.skep.cli.access;

import dev.skep.cli.client.Reasons;
import dev.skep.cli.config.Context;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Target;
import dev.skep.v1.Belonging;
import dev.skep.v1.FinishSsoRequest;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetInfoResponse;
import dev.skep.v1.GetMeRequest;
import dev.skep.v1.GetMeResponse;
import dev.skep.v1.LinkSsoRequest;
import dev.skep.v1.LoginRequest;
import dev.skep.v1.LoginResponse;
import dev.skep.v1.SsoLogin;
import dev.skep.v1.StartSsoRequest;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Signs in with a name and a password, or checks a token, and remembers it as a context. */
@Command(
    name = "login",
    description = {
      "Sign in with a name and a password, or check a token, and remember it as a context"
          + " (--context names it).",
      "Without a terminal the answers come from standard input, one a line."
    })
public final class LoginCommand extends SessionCommand {
  @Mixin NewContext given = new NewContext();

  @Option(
      names = {"--user", "-u"},
      paramLabel = "NAME",
      description = "Name of the account (asked for).")
  @Nullable String user;

  @Option(names = "--sso", description = "Sign in over the identity provider, with a browser.")
  boolean sso;

  @Option(
      names = "--link",
      description = "With --sso: make the account that is signed in known by that identity.")
  boolean link;

  public LoginCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var target = given.targetAgain(session);
    if (link && !sso) {
      throw CliException.usage("--link goes with --sso");
    }
    if (sso) {
      withBrowser(target);
      return;
    }
    if (given.hasToken(session) && user == null) {
      withToken(target);
    } else if (user != null || session.isInteractive()) {
      withPassword(target);
    } else if (target.token() != null) {
      withToken(target);
    } else {
      throw CliException.usage(
          "there is no token", "give --token-stdin, --token-file FILE or --user NAME");
    }
  }

  private void withToken(Target target) {
    var info =
        NewContext.call(target, skep -> skep.system().getInfo(GetInfoRequest.getDefaultInstance()));
    var context = NewContext.remember(session, target);
    session.answer(info, () -> text(context, info));
  }

  private void withPassword(Target target) {
    var request =
        LoginRequest.newBuilder()
            .setUser(user == null ? session.ask("User") : user)
            .setPassword(session.askSecret("Password"));
    finish(target.with(login(target.with(null), request).getSessionToken()));
  }

  private void withBrowser(Target target) {
    var login = link ? link(target) : start(target.with(null));
    session.progress("open this in a browser, on any machine:");
    session.progress("  " + login.getUrl());
    var request =
        FinishSsoRequest.newBuilder()
            .setCode(session.askSecret("Code that it shows"))
            .setVerifierSecret(login.getVerifierSecret())
            .build();
    var in = NewContext.call(target.with(null), skep -> skep.sso().finishSso(request));
    finish(target.with(in.getSessionToken()));
  }

  private static SsoLogin start(Target target) {
    var request = StartSsoRequest.getDefaultInstance();
    return NewContext.call(target, skep -> skep.sso().startSso(request)).getLogin();
  }

  private static SsoLogin link(Target target) {
    var request = LinkSsoRequest.getDefaultInstance();
    return NewContext.call(target, skep -> skep.sso().linkSso(request)).getLogin();
  }

  private void finish(Target signedIn) {
    var me =
        NewContext.call(signedIn, skep -> skep.account().getMe(GetMeRequest.getDefaultInstance()));
    var context = NewContext.remember(session, signedIn);
    session.answer(me, () -> text(context, me));
  }

  /** Asks for a code when the account has a second factor. */
  private LoginResponse login(Target target, LoginRequest.Builder request) {
    try {
      return NewContext.call(target, skep -> skep.account().login(request.build()));
    } catch (CliException e) {
      if (!Reasons.is(e, "CODE_REQUIRED")) {
        throw e;
      }
      request.setCode(session.askSecret("Code"));
      return NewContext.call(target, skep -> skep.account().login(request.build()));
    }
  }

  private static String text(Context context, GetInfoResponse info) {
    return "logged in to %s as %s of %s; context '%s' is in use%n"
        .formatted(
            context.server(), info.getTokenName(), info.getOrganizationName(), context.name());
  }

  private static String text(Context context, GetMeResponse me) {
    var names =
        me.getOrganizationsList().stream()
            .map(Belonging::getOrganizationName)
            .collect(Collectors.joining(", "));
    var choose = me.getOrganizationsCount() > 1 && context.organization() == null;
    return "logged in to %s as %s%s; context '%s' is in use%n%s"
        .formatted(
            context.server(),
            me.getUserName(),
            names.isEmpty() ? "" : " of " + names,
            context.name(),
            choose
                ? "choose an organization with --org, for good with: skep login --org NAME\n"
                : "");
  }
}
