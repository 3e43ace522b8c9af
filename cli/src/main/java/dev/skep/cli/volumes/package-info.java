/** Commands about volumes. */
@NullMarked
package dev.skep.cli.volumes;

import org.jspecify.annotations.NullMarked;
