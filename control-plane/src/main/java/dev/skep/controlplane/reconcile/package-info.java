/** What must change so that what is seen becomes what is wanted. Pure. */
@NullMarked
package dev.skep.controlplane.reconcile;

import org.jspecify.annotations.NullMarked;
