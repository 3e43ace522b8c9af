/** What every command shares: global options, streams and the connection. */
@NullMarked
package dev.skep.cli.session;

import org.jspecify.annotations.NullMarked;
