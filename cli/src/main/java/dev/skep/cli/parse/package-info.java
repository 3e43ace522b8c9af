/** What users write in flags, turned into values. */
@NullMarked
package dev.skep.cli.parse;

import org.jspecify.annotations.NullMarked;
