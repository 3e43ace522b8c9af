package dev.skep.controlplane.agentlink;

import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.ingest.StatusIngest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What every session works with. */
record SessionContext(
    WorkerStore store,
    AssignmentReader assignments,
    StatusIngest ingest,
    SessionRegistry registry,
    Heartbeats heartbeats,
    InstantSource clock,
    Duration heartbeatInterval,
    List<String> endpoints) {}
