package dev.skep.controlplane.schedule;

/**
 * Workers that a rule keeps from taking a replica.
 *
 * @param rule stable lower-case word for programs
 * @param sentence "2 lack 512 MiB memory (largest free: 300 MiB)"
 */
public record Rejection(String rule, int workers, String sentence) {}
