/**
 * Words that every package uses: ids, the caller, pages, resources and the one exception type.
 * Pure.
 */
@NullMarked
package dev.skep.controlplane.kernel;

import org.jspecify.annotations.NullMarked;
