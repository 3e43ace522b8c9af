/**
 * The product as its users have it: a control plane and agents as processes of their own, on the
 * engines of a lab.
 *
 * <p>Start at {@link dev.skep.testbed.e2e.SkepLab}. What a test asserts, it asks twice: the API,
 * and the engines themselves ({@link dev.skep.testbed.e2e.Engines}).
 */
@NullMarked
package dev.skep.testbed.e2e;

import org.jspecify.annotations.NullMarked;
