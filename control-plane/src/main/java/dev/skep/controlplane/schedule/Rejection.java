package dev.skep.controlplane.schedule;

/**
 * Workers that one rule rejects.
 *
 * @param rule stable word for programs: draining, cpu, memory, host_port, constraint …
 * @param workers how many
 * @param sentence for people: "2 lack 512 MiB memory (largest free: 300 MiB)"
 */
public record Rejection(String rule, int workers, String sentence) {}
