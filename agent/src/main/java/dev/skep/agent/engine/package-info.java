/**
 * The only package that knows the Docker Engine API: our own records over docker-java's transport.
 */
@NullMarked
package dev.skep.agent.engine;

import org.jspecify.annotations.NullMarked;
