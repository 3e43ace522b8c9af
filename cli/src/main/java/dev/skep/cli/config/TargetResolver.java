package dev.skep.cli.config;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.client.InvalidAddress;
import dev.skep.client.ServerAddress;
import dev.skep.client.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which control plane is meant. A flag beats the environment, the environment beats the
 * configuration file. A token travels only to the server it was given with: a token from the
 * environment or from a context is never sent to a server named elsewhere.
 */
public final class TargetResolver {
  private final Map<String, String> environment;
  private final ConfigFile file;

  public TargetResolver(Map<String, String> environment, ConfigFile file) {
    this.environment = environment;
    this.file = file;
  }

  /** What the user said on the command line. */
  public record Flags(
      @Nullable String context,
      @Nullable String server,
      @Nullable Path tokenFile,
      @Nullable Path caFile,
      @Nullable String organization) {

    /** For a context that is about to be written: its name does not choose the server. */
    public Flags withoutContext() {
      return new Flags(null, server, tokenFile, caFile, organization);
    }
  }

  public Target resolve(Flags flags) {
    var found = source(flags);
    var token = flags.tokenFile() == null ? found.token() : read(flags.tokenFile());
    var ca = flags.caFile() == null ? found.ca() : read(flags.caFile());
    var organization =
        flags.organization() == null
            ? variable("SKEP_ORG").orElse(found.organization())
            : flags.organization();
    return new Target(addresses(found.server()), token, ca, organization);
  }

  private Context source(Flags flags) {
    if (flags.server() != null) {
      return named(flags.server());
    }
    if (flags.context() != null) {
      return context(flags.context());
    }
    if (variable("SKEP_SERVER").isPresent()) {
      return fromEnvironment();
    }
    var current = variable("SKEP_CONTEXT").map(this::context).or(() -> file.load().findCurrent());
    return current.orElseThrow(
        () ->
            CliException.usage(
                "no control plane is configured",
                "log in with: skep login --server https://host:7080"));
  }

  /** A server from a flag brings its credentials when the environment or a context knows it. */
  private Context named(String server) {
    var ofEnvironment = variable("SKEP_SERVER");
    var token = environmentToken();
    if (ofEnvironment.map(server::equals).orElse(token != null)) {
      return new Context("flags", server, token, environmentCa(), null);
    }
    return file.load().byName().values().stream()
        .filter(c -> c.server().equals(server))
        .findFirst()
        .orElse(new Context("flags", server, null, null, null));
  }

  private Context fromEnvironment() {
    var server = variable("SKEP_SERVER").orElseThrow();
    return new Context("environment", server, environmentToken(), environmentCa(), null);
  }

  private Context context(String name) {
    var contexts = file.load();
    return contexts
        .find(name)
        .orElseThrow(
            () ->
                CliException.usage(
                    "there is no context '" + name + "'",
                    contexts.byName().isEmpty()
                        ? "log in first: skep login --server URL"
                        : "known contexts: " + String.join(", ", contexts.byName().keySet())));
  }

  /** Whether the environment says who calls. */
  public boolean hasEnvironmentToken() {
    return environmentToken() != null;
  }

  private @Nullable String environmentToken() {
    return variable("SKEP_TOKEN_FILE")
        .map(path -> read(Path.of(path)))
        .or(() -> variable("SKEP_TOKEN"))
        .orElse(null);
  }

  private @Nullable String environmentCa() {
    return variable("SKEP_CA_FILE").map(path -> read(Path.of(path))).orElse(null);
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** Reads a small text file that the user named. */
  public static String read(Path path) {
    try {
      return Files.readString(path).strip();
    } catch (IOException e) {
      throw new CliException(
          ExitCode.USAGE,
          "cannot read " + path + ": " + e.getClass().getSimpleName(),
          List.of(),
          "check that the file exists and that you may read it",
          e);
    }
  }

  private static List<ServerAddress> addresses(String text) {
    try {
      return ServerAddress.parseAll(text);
    } catch (InvalidAddress e) {
      throw CliException.usage(String.valueOf(e.getMessage()), e.advice());
    }
  }
}
