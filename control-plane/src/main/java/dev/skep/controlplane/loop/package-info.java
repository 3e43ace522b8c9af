/** The leader's loop: snapshot, plan, commit, again. */
@NullMarked
package dev.skep.controlplane.loop;

import org.jspecify.annotations.NullMarked;
