/** Commands about workers. */
@NullMarked
package dev.skep.cli.workers;

import org.jspecify.annotations.NullMarked;
