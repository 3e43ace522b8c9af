/** What organizations may take: the one door to taking it and giving it back. */
@NullMarked
package dev.skep.controlplane.quota;

import org.jspecify.annotations.NullMarked;
