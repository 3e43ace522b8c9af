package dev.skep.controlplane.workload;

/**
 * A local volume in a replica.
 *
 * @param name the same name is the same volume in every release of the service
 * @param path absolute, inside the replica
 */
public record VolumeMount(String name, String path) {}
