package dev.skep.controlplane.kernel;

/**
 * One field that is wrong.
 *
 * @param field path as the client wrote it, for example {@code spec.replicas}
 * @param description the offending value and what is expected instead
 */
public record FieldViolation(String field, String description) {}
