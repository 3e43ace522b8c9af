package dev.skep.controlplane.rpc;

/**
 * Where a call comes from.
 *
 * @param client what the program says of itself
 */
public record Origin(String address, String requestId, String client) {}
