/** The connection to the control plane: enrolment, the session, renewal of the certificate. */
@NullMarked
package dev.skep.agent.link;

import org.jspecify.annotations.NullMarked;
