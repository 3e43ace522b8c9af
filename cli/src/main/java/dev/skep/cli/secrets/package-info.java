/** Commands about secrets. */
@NullMarked
package dev.skep.cli.secrets;

import org.jspecify.annotations.NullMarked;
