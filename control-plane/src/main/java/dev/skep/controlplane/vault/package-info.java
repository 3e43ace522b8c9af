/** Values of secrets: sealed, opened, and recognized where they must not be. */
@NullMarked
package dev.skep.controlplane.vault;

import org.jspecify.annotations.NullMarked;
