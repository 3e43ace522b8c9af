/** Invoices: months that are made up, numbered and kept, and files of them and of the ledger. */
@NullMarked
package dev.skep.controlplane.invoices;

import org.jspecify.annotations.NullMarked;
