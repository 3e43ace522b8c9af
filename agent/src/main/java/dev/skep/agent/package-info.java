/**
 * The worker agent. Start reading at {@link dev.skep.agent.Agent}: it wires journal, engine, worker
 * and link in rank order. A set of assignments arrives in {@code link}, is made durable by {@code
 * journal}, is compared with the engine by {@code worker}, which asks {@code task} what to do next.
 */
@NullMarked
package dev.skep.agent;

import org.jspecify.annotations.NullMarked;
