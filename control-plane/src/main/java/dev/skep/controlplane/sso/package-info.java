/** Logins over an identity provider that speaks OpenID Connect. */
@NullMarked
package dev.skep.controlplane.sso;

import org.jspecify.annotations.NullMarked;
