/** Billing: closing hours, checking the ledger, and what people ask of both. */
@NullMarked
package dev.skep.controlplane.billing;

import org.jspecify.annotations.NullMarked;
