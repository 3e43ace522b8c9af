/** The edge of every API: error mapping, paging and the caller of a call. */
@NullMarked
package dev.skep.controlplane.rpc;

import org.jspecify.annotations.NullMarked;
