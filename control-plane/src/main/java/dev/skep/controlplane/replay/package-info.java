/** Calls that are made again: they get their first answer. */
@NullMarked
package dev.skep.controlplane.replay;

import org.jspecify.annotations.NullMarked;
