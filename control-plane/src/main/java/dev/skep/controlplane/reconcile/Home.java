package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import java.time.Instant;
import java.util.Optional;

/**
 * Where the volumes of a service are.
 *
 * @param name of the worker
 * @param abandonRequested when a user asked last to start elsewhere with empty volumes
 * @param lease of the copy there; empty when its agent is not known to stop it by itself
 */
public record Home(
    WorkerId worker, String name, Optional<Instant> abandonRequested, Optional<Lease> lease) {}
