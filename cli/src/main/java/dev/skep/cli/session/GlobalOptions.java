package dev.skep.cli.session;

import dev.skep.cli.config.TargetResolver.Flags;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every command takes, before or after its name. */
public final class GlobalOptions {
  @Option(
      names = "--context",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "Context to use (SKEP_CONTEXT).")
  @Nullable String context;

  @Option(
      names = "--server",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "Control plane to talk to, or several with commas (SKEP_SERVER).")
  @Nullable String server;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "File that holds the API token (SKEP_TOKEN_FILE).")
  @Nullable Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The control plane's own authority, PEM (SKEP_CA_FILE).")
  @Nullable Path caFile;

  @Option(
      names = "--org",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "Organization to act in, where there are several (SKEP_ORG).")
  @Nullable String organization;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      scope = ScopeType.INHERIT,
      description = "table or json.")
  Format format = Format.table;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  boolean debug;

  /** How answers are written; spelled as users type them. */
  public enum Format {
    table,
    json
  }

  public Flags flags() {
    return new Flags(context, server, tokenFile, caFile, organization);
  }

  public boolean json() {
    return format == Format.json;
  }

  public boolean debug() {
    return debug;
  }

  /** Name that the user gave to a context, when one was given. */
  public @Nullable String contextName() {
    return context;
  }

  public @Nullable String serverUrl() {
    return server;
  }
}
