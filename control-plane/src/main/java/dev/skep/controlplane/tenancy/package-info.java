/** Organizations, their tokens, and who a token belongs to. */
@NullMarked
package dev.skep.controlplane.tenancy;

import org.jspecify.annotations.NullMarked;
