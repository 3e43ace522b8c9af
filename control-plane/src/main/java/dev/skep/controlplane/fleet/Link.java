package dev.skep.controlplane.fleet;

import java.time.Instant;

/**
 * The session with an agent.
 *
 * @param since when it opened or ended
 */
public record Link(boolean connected, Instant since, Instant lastHeartbeat) {}
