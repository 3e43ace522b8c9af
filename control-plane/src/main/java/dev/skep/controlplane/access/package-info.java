/** Organizations, accounts, roles and tokens: what people do with them. */
@NullMarked
package dev.skep.controlplane.access;

import org.jspecify.annotations.NullMarked;
