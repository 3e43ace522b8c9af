/**
 * What a worker tells about its containers: their log lines, each exactly once, and what they use.
 *
 * <p>Start with {@link dev.skep.agent.telemetry.Telemetry}. Lines take one path: {@code TailLoop}
 * reads the engine's files, {@code Spool} keeps what was read on disk, {@code ShipLoop} sends what
 * the disk holds and forgets what the control plane has stored.
 */
@NullMarked
package dev.skep.agent.telemetry;

import org.jspecify.annotations.NullMarked;
