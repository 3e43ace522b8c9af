/** A real multi-node Swarm on one Linux machine, for tests, benchmarks and developers. */
@NullMarked
package dev.skep.testbed;

import org.jspecify.annotations.NullMarked;
