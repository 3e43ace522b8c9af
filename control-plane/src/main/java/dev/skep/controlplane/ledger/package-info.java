/** Wallets, the ledger and prices: the one door to an organization's money. */
@NullMarked
package dev.skep.controlplane.ledger;

import org.jspecify.annotations.NullMarked;
