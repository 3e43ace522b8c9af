/** Values turned into what users read. */
@NullMarked
package dev.skep.cli.format;

import org.jspecify.annotations.NullMarked;
