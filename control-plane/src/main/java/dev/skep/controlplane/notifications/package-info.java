/** What people should know without asking: reading it, and dropping what is old. */
@NullMarked
package dev.skep.controlplane.notifications;

import org.jspecify.annotations.NullMarked;
