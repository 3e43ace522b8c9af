/** What would happen: the leader's own decisions on rows that nobody holds, and nothing written. */
@NullMarked
package dev.skep.controlplane.forecast;

import org.jspecify.annotations.NullMarked;
