/** Ports, TLS, authentication, limits, and the REST facade. */
@NullMarked
package dev.skep.controlplane.server;

import org.jspecify.annotations.NullMarked;
