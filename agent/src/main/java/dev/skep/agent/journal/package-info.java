/** What survives a restart: the assignments, the identity, the lock on the data directory. */
@NullMarked
package dev.skep.agent.journal;

import org.jspecify.annotations.NullMarked;
