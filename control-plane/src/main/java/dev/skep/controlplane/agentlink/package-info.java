/** The agents' gRPC services: session, logs, statistics. */
@NullMarked
package dev.skep.controlplane.agentlink;

import org.jspecify.annotations.NullMarked;
