/** Workers and what is known of them. Pure. */
@NullMarked
package dev.skep.controlplane.fleet;

import org.jspecify.annotations.NullMarked;
