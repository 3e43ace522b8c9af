/**
 * The admin client {@code skep}. Start reading at {@link dev.skep.cli.Skep}; ranks stand in
 * ArchitectureTest.
 */
@NullMarked
package dev.skep.cli;

import org.jspecify.annotations.NullMarked;
