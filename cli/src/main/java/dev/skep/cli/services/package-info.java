/** Commands about services, their deployments, events and logs. */
@NullMarked
package dev.skep.cli.services;

import org.jspecify.annotations.NullMarked;
