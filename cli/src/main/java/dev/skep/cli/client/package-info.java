/** The connection to a control plane: channel, deadlines, refusals, things to wait for. */
@NullMarked
package dev.skep.cli.client;

import org.jspecify.annotations.NullMarked;
