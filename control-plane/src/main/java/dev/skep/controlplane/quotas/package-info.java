/** Quotas as people see and set them, and how they are kept true. */
@NullMarked
package dev.skep.controlplane.quotas;

import org.jspecify.annotations.NullMarked;
