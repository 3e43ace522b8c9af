/** Commands about who may do what: organizations, members, accounts, roles and tokens. */
@NullMarked
package dev.skep.cli.people;

import org.jspecify.annotations.NullMarked;
