/** The services and deployments API. */
@NullMarked
package dev.skep.controlplane.services;

import org.jspecify.annotations.NullMarked;
