package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Target;
import dev.skep.v1.AcceptInvitationRequest;
import dev.skep.v1.SignUpRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Accepts an invitation, with the account that is signed in or with a new one. */
@Command(
    name = "accept",
    description = {
      "Accept an invitation to an organization: with the account that is signed in, or with a new one"
          + " (--user).",
      "Without a terminal the answers come from standard input, one a line."
    })
public final class AcceptCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "CODE", description = "The code of the invitation.")
  String code = "";

  @Option(
      names = {"--user", "-u"},
      paramLabel = "NAME",
      description = "Name of the new account (asked for).")
  @Nullable String user;

  @Mixin NewContext given = new NewContext();

  public AcceptCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var target = given.targetAgain(session);
    if (user == null && target.token() != null) {
      join(target);
    } else {
      signUp(target);
    }
  }

  private void join(Target target) {
    var request = AcceptInvitationRequest.newBuilder().setCode(code).build();
    var response = NewContext.call(target, skep -> skep.account().acceptInvitation(request));
    session.answer(
        response,
        () -> "you belong to " + response.getOrganization().getOrganizationName() + " now\n");
  }

  private void signUp(Target target) {
    var request =
        SignUpRequest.newBuilder()
            .setCode(code)
            .setUser(user == null ? session.ask("Name of your new account") : user)
            .setPassword(session.askNewSecret("Password"))
            .build();
    var response = NewContext.call(target.with(null), skep -> skep.account().signUp(request));
    var context = NewContext.remember(session, target.with(response.getSessionToken()));
    session.answer(
        response.toBuilder().clearSessionToken(),
        () ->
            "you are %s of %s now; context '%s' is in use%n"
                .formatted(
                    response.getUserName(),
                    response.getOrganization().getOrganizationName(),
                    context.name()));
  }
}
