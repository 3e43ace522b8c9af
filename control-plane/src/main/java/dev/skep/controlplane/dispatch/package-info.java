/** Assignments of each agent, rendered from rows. */
@NullMarked
package dev.skep.controlplane.dispatch;

import org.jspecify.annotations.NullMarked;
