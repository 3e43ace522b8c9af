/** Commands about notifications. */
@NullMarked
package dev.skep.cli.notifications;

import org.jspecify.annotations.NullMarked;
