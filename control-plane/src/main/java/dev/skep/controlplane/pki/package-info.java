/** The agents' certificate authority and join tokens. */
@NullMarked
package dev.skep.controlplane.pki;

import org.jspecify.annotations.NullMarked;
