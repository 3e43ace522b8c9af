/** Log lines: stored in compressed chunks, read by cursor, followed live. */
@NullMarked
package dev.skep.controlplane.logs;

import org.jspecify.annotations.NullMarked;
