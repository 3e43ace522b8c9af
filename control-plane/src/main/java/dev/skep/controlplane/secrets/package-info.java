/** Secrets of organizations, as people give, rotate and delete them. */
@NullMarked
package dev.skep.controlplane.secrets;

import org.jspecify.annotations.NullMarked;
