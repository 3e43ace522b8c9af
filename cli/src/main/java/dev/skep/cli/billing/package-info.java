/** Commands about money. */
@NullMarked
package dev.skep.cli.billing;

import org.jspecify.annotations.NullMarked;
