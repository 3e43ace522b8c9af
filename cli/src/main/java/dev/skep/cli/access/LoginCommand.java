package dev.skep.cli.access;

import dev.skep.cli.config.Context;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetInfoResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks a token and remembers it as a context. */
@Command(
    name = "login",
    description = "Check a token and remember it as a context (--context names it).")
public final class LoginCommand extends SessionCommand {
  @Mixin NewContext given = new NewContext();

  public LoginCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var target = given.target(session);
    if (target.token() == null) {
      throw CliException.usage("there is no token", "give --token-stdin or --token-file FILE");
    }
    var info = given.check(target);
    var name = session.options().contextName();
    var context =
        new Context(name == null ? "default" : name, target.url(), target.token(), target.ca());
    var file = session.configFile();
    file.save(file.load().with(context).using(context.name()));
    session.answer(info, () -> text(context, info));
  }

  private static String text(Context context, GetInfoResponse info) {
    return "logged in to %s as %s of %s; context '%s' is in use%n"
        .formatted(
            context.server(), info.getTokenName(), info.getOrganizationName(), context.name());
  }
}
