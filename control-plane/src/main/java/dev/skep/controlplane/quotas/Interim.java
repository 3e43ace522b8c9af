package dev.skep.controlplane.quotas;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Another limit for some time.
 *
 * @param limit null for unlimited
 * @param author name of who set it
 */
record Interim(@Nullable Long limit, Instant until, String reason, String author) {}
