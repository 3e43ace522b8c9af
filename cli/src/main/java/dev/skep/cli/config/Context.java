package dev.skep.cli.config;

import org.jspecify.annotations.Nullable;

/**
 * A control plane that the user logged in to.
 *
 * @param ca PEM certificates to trust instead of the system's
 */
public record Context(String name, String server, @Nullable String token, @Nullable String ca) {
  /** Leaves the token out: contexts end up in messages. */
  @Override
  public String toString() {
    return "Context[" + name + ", " + server + "]";
  }
}
