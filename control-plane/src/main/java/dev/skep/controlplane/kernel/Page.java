package dev.skep.controlplane.kernel;

import java.util.List;

/**
 * Some rows of a longer list.
 *
 * @param nextToken where the next page starts; empty on the last page
 */
public record Page<T>(List<T> items, String nextToken) {}
