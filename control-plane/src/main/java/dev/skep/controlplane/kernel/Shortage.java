package dev.skep.controlplane.kernel;

/**
 * A resource of which an organization may not take as much as it asks for.
 *
 * @param resource its word
 * @param sentence the same in words, with units
 */
public record Shortage(String resource, long limit, long used, long asked, String sentence) {}
