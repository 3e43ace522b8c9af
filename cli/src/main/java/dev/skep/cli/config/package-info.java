/** Which control plane to talk to: flags, environment and the configuration file. */
@NullMarked
package dev.skep.cli.config;

import org.jspecify.annotations.NullMarked;
