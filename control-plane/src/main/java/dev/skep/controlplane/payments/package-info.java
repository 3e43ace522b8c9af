/** Money that comes into wallets over payment providers or by hand, and money that goes back. */
@NullMarked
package dev.skep.controlplane.payments;

import org.jspecify.annotations.NullMarked;
