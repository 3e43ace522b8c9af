package dev.skep.controlplane.server;

import dev.skep.controlplane.identity.IdentityFeature;
import dev.skep.controlplane.sso.SsoFeature;

/** How people come in with a browser. */
public record Doors(IdentityFeature identity, SsoFeature sso) {}
