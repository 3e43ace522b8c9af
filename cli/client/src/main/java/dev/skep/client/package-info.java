/** Calls a control plane: {@link dev.skep.client.SkepClient} is where to start. */
@NullMarked
package dev.skep.client;

import org.jspecify.annotations.NullMarked;
