/**
 * What organizations want to run: specs and their rules, releases, deployments, placements. Pure.
 */
@NullMarked
package dev.skep.controlplane.workload;

import org.jspecify.annotations.NullMarked;
