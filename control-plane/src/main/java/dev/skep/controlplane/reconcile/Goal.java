package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.Wanted;
import java.time.Instant;
import java.util.Optional;

/**
 * What users want of a service.
 *
 * @param release that shall run
 * @param good that ran last, if any has
 * @param migrateRequested when a user asked last to move replicas away from lost workers
 */
public record Goal(
    Wanted wanted,
    int replicas,
    long restartGeneration,
    Release release,
    Optional<Release> good,
    ServicePolicy policy,
    Optional<Instant> migrateRequested) {}
