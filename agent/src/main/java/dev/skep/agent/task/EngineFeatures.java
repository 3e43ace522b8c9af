package dev.skep.agent.task;

/** What the spec depends on: abilities of the engine, and where the probe's tools are. */
public record EngineFeatures(boolean noNewPrivileges, boolean startInterval, String probeDir) {}
