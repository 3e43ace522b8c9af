/** Local volumes of services, as people see and delete them. */
@NullMarked
package dev.skep.controlplane.volumes;

import org.jspecify.annotations.NullMarked;
