/** Services with blanks, deployed together. */
@NullMarked
package dev.skep.controlplane.templates;

import org.jspecify.annotations.NullMarked;
