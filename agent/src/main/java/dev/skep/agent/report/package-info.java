/** What the control plane is told: latest status per object, and the facts of this machine. */
@NullMarked
package dev.skep.agent.report;

import org.jspecify.annotations.NullMarked;
