/** How people show who they are: passwords, sessions, and what keeps guesses slow. */
@NullMarked
package dev.skep.controlplane.identity;

import org.jspecify.annotations.NullMarked;
