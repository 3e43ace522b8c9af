package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.ReleaseId;

/** A release that can be rolled back to. */
record KeptRelease(ReleaseId id, int number, int volumes) {}
