/** The clusters API: who manages a Swarm, and its recovery. */
@NullMarked
package dev.skep.controlplane.clusters;

import org.jspecify.annotations.NullMarked;
