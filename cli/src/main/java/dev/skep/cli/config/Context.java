package dev.skep.cli.config;

import org.jspecify.annotations.Nullable;

/**
 * A control plane that the user logged in to.
 *
 * @param ca PEM certificates to trust instead of the system's
 * @param organization that calls are about when nothing else is said
 */
public record Context(
    String name,
    String server,
    @Nullable String token,
    @Nullable String ca,
    @Nullable String organization) {
  /** The same server with other credentials, or with none. */
  public Context with(@Nullable String other) {
    return new Context(name, server, other, ca, organization);
  }

  /** Leaves the token out: contexts end up in messages. */
  @Override
  public String toString() {
    return "Context[" + name + ", " + server + "]";
  }
}
