package dev.skep.cli.access;

import dev.skep.cli.client.ControlPlane;
import dev.skep.cli.config.Target;
import dev.skep.cli.config.TargetResolver;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetInfoResponse;
import picocli.CommandLine.Option;

/** The credentials of a context that is about to be written. */
final class NewContext {
  @Option(names = "--token-stdin", description = "Read the token from standard input.")
  boolean tokenFromStandardInput;

  /** A token from standard input beats every other. */
  Target target(Session session) {
    var flags = session.options().flags();
    if (flags.server() == null && !session.environment().containsKey("SKEP_SERVER")) {
      throw CliException.usage("which control plane?", "add --server https://host:7080");
    }
    var resolved =
        new TargetResolver(session.environment(), session.configFile())
            .resolve(flags.withoutContext());
    return tokenFromStandardInput
        ? new Target(resolved.addresses(), session.readSecret(), resolved.ca())
        : resolved;
  }

  GetInfoResponse check(Target target) {
    try (var controlPlane = ControlPlane.connect(target)) {
      return controlPlane.call(
          () -> controlPlane.system().getInfo(GetInfoRequest.getDefaultInstance()));
    }
  }
}
