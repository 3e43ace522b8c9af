package dev.skep.cli.client;

import dev.skep.cli.outcome.CliException;
import dev.skep.client.SkepException;

/** Why a call was refused, for commands that know what to do about it. */
public final class Reasons {
  private Reasons() {}

  /** Whether this is the word that the control plane gave. */
  public static boolean is(CliException e, String reason) {
    return e.getCause() instanceof SkepException refusal && refusal.reason().equals(reason);
  }
}
