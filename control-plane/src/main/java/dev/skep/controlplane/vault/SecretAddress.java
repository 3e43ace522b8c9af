package dev.skep.controlplane.vault;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.SecretId;

/** Whose value it is: what was sealed for one address opens at no other. */
public record SecretAddress(OrganizationId organization, SecretId secret, int number) {
  /** Bound to the ciphertext and to its key; never changes for a version that is stored. */
  String context() {
    return "v1|" + organization + "|" + secret + "|" + number;
  }
}
