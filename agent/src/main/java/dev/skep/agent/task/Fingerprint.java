package dev.skep.agent.task;

/**
 * Digest of a service's spec without our own fingerprint label, as the engine keeps it.
 *
 * @param whole of everything
 * @param template of what tasks are made from
 */
public record Fingerprint(String whole, String template) {}
