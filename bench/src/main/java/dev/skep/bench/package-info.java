/**
 * Measures what the platform costs beside what it stands on, in one run on one machine.
 *
 * <p>Start at {@link dev.skep.bench.BenchCommand}. {@code Platform} is the whole product in a lab;
 * {@code Side} is one of the two that take turns; figures become {@code Samples} and are printed by
 * {@code Report}. docs/performance.md has the results.
 */
@NullMarked
package dev.skep.bench;

import org.jspecify.annotations.NullMarked;
