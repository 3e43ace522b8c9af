/** The Skep server. Start reading at {@link dev.skep.controlplane.ControlPlane}. */
@NullMarked
package dev.skep.controlplane;

import org.jspecify.annotations.NullMarked;
