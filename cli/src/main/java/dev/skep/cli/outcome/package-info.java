/** How an invocation ends: exit codes and the one exception that carries them. */
@NullMarked
package dev.skep.cli.outcome;

import org.jspecify.annotations.NullMarked;
