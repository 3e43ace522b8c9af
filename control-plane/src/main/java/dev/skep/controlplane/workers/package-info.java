/** The workers API and enrolment. */
@NullMarked
package dev.skep.controlplane.workers;

import org.jspecify.annotations.NullMarked;
