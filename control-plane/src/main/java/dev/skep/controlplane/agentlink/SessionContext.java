package dev.skep.controlplane.agentlink;

import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.ingest.StatusIngest;
import dev.skep.controlplane.state.Presence;
import java.time.Duration;
import java.time.InstantSource;

/** What every session works with. */
record SessionContext(
    WorkerStore store,
    AssignmentReader assignments,
    StatusIngest ingest,
    SessionRegistry registry,
    Heartbeats heartbeats,
    Leases leases,
    InstantSource clock,
    Duration heartbeatInterval,
    Presence presence) {}
