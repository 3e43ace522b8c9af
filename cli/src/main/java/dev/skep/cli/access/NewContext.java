package dev.skep.cli.access;

import dev.skep.cli.client.Connection;
import dev.skep.cli.config.Context;
import dev.skep.cli.config.TargetResolver;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.client.SkepClient;
import dev.skep.client.Target;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The credentials of a context that is about to be written. */
final class NewContext {
  @Option(names = "--token-stdin", description = "Read the token from standard input.")
  boolean tokenFromStandardInput;

  /** A token from standard input beats every other. */
  Target target(Session session) {
    if (!namesServer(session)) {
      throw CliException.usage("which control plane?", "add --server https://host:7080");
    }
    var resolved = resolver(session).resolve(session.options().flags().withoutContext());
    return tokenFromStandardInput ? resolved.with(session.readSecret()) : resolved;
  }

  /** Like {@link #target}; without a server it is that of the context in use. */
  Target targetAgain(Session session) {
    if (namesServer(session) || session.configFile().load().byName().isEmpty()) {
      return target(session);
    }
    var resolved = resolver(session).resolve(session.options().flags());
    return tokenFromStandardInput ? resolved.with(session.readSecret()) : resolved;
  }

  /** Whether a token was given for this very login. */
  boolean hasToken(Session session) {
    return tokenFromStandardInput
        || session.options().flags().tokenFile() != null
        || resolver(session).hasEnvironmentToken();
  }

  /** Under which name it is remembered. */
  private static String name(Session session) {
    var given = session.options().contextName();
    if (given != null) {
      return given;
    }
    var current = session.configFile().load().current();
    return namesServer(session) || current == null ? "default" : current;
  }

  /** As the context in use. */
  static Context remember(Session session, Target target) {
    var context =
        new Context(
            name(session), target.url(), target.token(), target.ca(), target.organization());
    var file = session.configFile();
    file.save(file.load().with(context).using(context.name()));
    return context;
  }

  static <T> T call(Target target, Function<SkepClient, T> calls) {
    try (var controlPlane = Connection.open(target)) {
      return Connection.call(controlPlane, () -> calls.apply(controlPlane));
    }
  }

  private static boolean namesServer(Session session) {
    return session.options().flags().server() != null
        || session.environment().containsKey("SKEP_SERVER");
  }

  private static TargetResolver resolver(Session session) {
    return new TargetResolver(session.environment(), session.configFile());
  }
}
