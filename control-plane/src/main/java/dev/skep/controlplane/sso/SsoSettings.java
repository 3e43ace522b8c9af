package dev.skep.controlplane.sso;

import java.util.Optional;

/**
 * Over which provider people sign in.
 *
 * @param client empty when there is none
 * @param organization that strangers join; empty: only those come in who have linked their account
 */
public record SsoSettings(Optional<Client> client, Optional<String> organization) {

  /** What the provider knows this control plane by. */
  public record Client(String issuer, String id, String secret) {
    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "Client[" + issuer + ", " + id + "]";
    }
  }
}
