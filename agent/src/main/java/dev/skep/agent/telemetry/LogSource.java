package dev.skep.agent.telemetry;

import java.nio.file.Path;

/** One container whose log is to be read, and on whose behalf. */
public record LogSource(
    String containerId, Path logPath, String serviceId, String placementId, boolean running) {}
