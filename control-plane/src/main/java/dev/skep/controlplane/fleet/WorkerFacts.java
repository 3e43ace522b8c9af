package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.Resources;

/** What an agent found on its machine; sizes in bytes, {@code capacity} is the whole machine. */
public record WorkerFacts(
    String hostname,
    String advertiseAddress,
    String os,
    String kernel,
    String architecture,
    Resources capacity,
    long diskBytes,
    long diskFreeBytes,
    String engineVersion,
    String engineApiVersion,
    String agentVersion,
    boolean ipvs) {}
