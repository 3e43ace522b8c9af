/** Where replicas go, or why not. Pure. */
@NullMarked
package dev.skep.controlplane.schedule;

import org.jspecify.annotations.NullMarked;
