package dev.skep.agent.telemetry;

/**
 * One running container whose use is to be told; the process is its first one, as the host counts.
 */
public record StatsTarget(String containerId, String placementId, long pid) {}
