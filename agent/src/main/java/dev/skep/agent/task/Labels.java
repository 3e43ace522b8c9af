package dev.skep.agent.task;

import org.jspecify.annotations.Nullable;

/** Labels that make an object ours. */
public final class Labels {
  public static final String ORGANIZATION = "dev.skep.org";
  public static final String SERVICE = "dev.skep.service";
  public static final String RELEASE = "dev.skep.release";
  public static final String PLACEMENT = "dev.skep.placement";
  public static final String NETWORK = "dev.skep.network";
  public static final String SECRET = "dev.skep.secret";
  public static final String VOLUME = "dev.skep.volume";
  public static final String GENERATION = "dev.skep.generation";

  /** Fingerprint of the spec that we sent; on the service only. */
  public static final String SPEC = "dev.skep.spec";

  /** On the Swarm: which owner changes it. */
  public static final String OWNER_EPOCH = "dev.skep.owner-epoch";

  private Labels() {}

  /** The generation in a label; 0 when somebody broke it, so that any assignment repairs it. */
  public static long generation(@Nullable String value) {
    if (value == null || !value.matches("[0-9]{1,18}")) {
      return 0;
    }
    return Long.parseLong(value);
  }
}
