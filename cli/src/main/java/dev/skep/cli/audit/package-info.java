/** Commands about the audit trail. */
@NullMarked
package dev.skep.cli.audit;

import org.jspecify.annotations.NullMarked;
