/** Commands about a cluster: who manages its Swarm, and its recovery. */
@NullMarked
package dev.skep.cli.clusters;

import org.jspecify.annotations.NullMarked;
