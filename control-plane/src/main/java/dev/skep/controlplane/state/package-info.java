/** Cluster tables: one snapshot, one commit, the change feed and the leader lease. */
@NullMarked
package dev.skep.controlplane.state;

import org.jspecify.annotations.NullMarked;
