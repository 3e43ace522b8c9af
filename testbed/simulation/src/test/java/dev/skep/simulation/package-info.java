/**
 * Control plane and agents in one thread, on virtual time, with faults that a seed chooses.
 *
 * <p>Start with {@link dev.skep.simulation.Simulation}.
 */
@NullMarked
package dev.skep.simulation;

import org.jspecify.annotations.NullMarked;
