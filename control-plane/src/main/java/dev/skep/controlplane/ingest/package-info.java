/** What agents report, written in batches. */
@NullMarked
package dev.skep.controlplane.ingest;

import org.jspecify.annotations.NullMarked;
