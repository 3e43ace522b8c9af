/** The audit trail: who changed what, or tried to, in a chain of hashes. */
@NullMarked
package dev.skep.controlplane.audit;

import org.jspecify.annotations.NullMarked;
