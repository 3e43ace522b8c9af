package dev.skep.controlplane.replay;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.UserId;

/** A key that a caller chose for one call. */
public record CallKey(OrganizationId organization, UserId user, String text) {}
