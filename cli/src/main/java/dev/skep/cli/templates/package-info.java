/** The noun {@code templates}. */
@NullMarked
package dev.skep.cli.templates;

import org.jspecify.annotations.NullMarked;
