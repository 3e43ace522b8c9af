package dev.skep.controlplane.ledger;

import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.OrganizationId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A movement to write.
 *
 * @param key exists once; the same with the same contents is the same movement
 * @param amount micro-units, more than 0
 * @param reverses id of the movement that this takes back; null for none
 * @param actor name of who did it; empty for Skep itself
 */
public record Posting(
    OrganizationId organization,
    Kind kind,
    String key,
    long amount,
    String currency,
    @Nullable Long reverses,
    String description,
    String actor) {
  /** What has to be the same when it is asked for again; words may differ. */
  byte[] hash() {
    return Digests.sha256(
        String.join(
            "|",
            List.of(
                organization.toString(),
                kind.name(),
                Long.toString(amount),
                currency,
                String.valueOf(reverses))));
  }
}
