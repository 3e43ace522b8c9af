/**
 * Control plane and agents in one thread, on virtual time, with faults that a seed chooses.
 *
 * <p>Start with {@link dev.skep.testbed.simulation.Simulation}.
 */
@NullMarked
package dev.skep.testbed.simulation;

import org.jspecify.annotations.NullMarked;
