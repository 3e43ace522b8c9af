package dev.skep.controlplane.kernel;

/**
 * Who makes a call.
 *
 * @param tokenName the name that the token was given
 */
public record Caller(OrganizationId organization, String organizationName, String tokenName) {}
