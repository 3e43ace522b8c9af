package dev.skep.controlplane.reconcile;

/**
 * Something that people of the organization should know, beside the steps of a deployment.
 *
 * @param type stable word for programs
 */
public record ServiceEvent(String type, String message) {}
