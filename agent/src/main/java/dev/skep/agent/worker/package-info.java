/** The reconcile loop: assignments × engine → one step per object, until both agree. */
@NullMarked
package dev.skep.agent.worker;

import org.jspecify.annotations.NullMarked;
