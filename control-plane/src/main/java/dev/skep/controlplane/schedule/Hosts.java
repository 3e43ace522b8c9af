package dev.skep.controlplane.schedule;

import java.util.BitSet;

/**
 * Workers that may take replicas, whatever is free on them.
 *
 * @param all of them
 * @param warm those of them that have the image
 */
record Hosts(BitSet all, BitSet warm) {}
