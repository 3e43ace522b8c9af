/** A run that shows the JVM which classes and methods the client uses, for its AOT cache. */
@NullMarked
package dev.skep.cli.training;

import org.jspecify.annotations.NullMarked;
