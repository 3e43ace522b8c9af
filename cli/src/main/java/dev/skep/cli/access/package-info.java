/** Commands about logging in, contexts, versions and completion. */
@NullMarked
package dev.skep.cli.access;

import org.jspecify.annotations.NullMarked;
