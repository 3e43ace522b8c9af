/** Commands about quotas. */
@NullMarked
package dev.skep.cli.quotas;

import org.jspecify.annotations.NullMarked;
