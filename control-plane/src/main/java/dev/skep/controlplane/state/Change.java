package dev.skep.controlplane.state;

import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * A hint that rows changed. Hints can be lost; whoever acts on them also looks by itself from time
 * to time.
 *
 * @param id of the service or cluster
 */
public record Change(Topic topic, UUID id) {
  static final String CHANNEL = "skep";

  /** Whose rows changed. */
  public enum Topic {
    /** What is wanted or seen of a service. */
    SERVICE,
    /** Assignments, workers or the Swarm of a cluster. */
    CLUSTER,
    /** New log lines of a service. */
    LOGS,
    /** The feed was interrupted: anything may have changed; the id says nothing. */
    EVERYTHING
  }

  static final Change EVERYTHING = new Change(Topic.EVERYTHING, new UUID(0, 0));

  /** Tells every control plane when the transaction of {@code handle} commits. */
  public void announce(Handle handle) {
    handle
        .createQuery("select pg_notify(:channel, :payload)")
        .bind("channel", CHANNEL)
        .bind("payload", payload())
        .mapTo(String.class)
        .one();
  }

  String payload() {
    return topic + ":" + id;
  }

  static Change parse(String payload) {
    int colon = payload.indexOf(':');
    return new Change(
        Topic.valueOf(payload.substring(0, colon)), UUID.fromString(payload.substring(colon + 1)));
  }
}
