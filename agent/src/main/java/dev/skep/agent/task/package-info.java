/**
 * What is wanted, what is seen, and the one next step between them. Pure: no I/O, no clock, no
 * randomness.
 */
@NullMarked
package dev.skep.agent.task;

import org.jspecify.annotations.NullMarked;
