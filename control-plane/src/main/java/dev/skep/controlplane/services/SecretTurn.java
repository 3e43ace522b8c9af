package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.OrganizationId;
import org.jdbi.v3.core.Handle;

/**
 * Who makes releases, and who changes which versions there are, take turns in an organization: so a
 * rotation finds every release that has the version before. Taken before any row, and held until
 * the transaction ends.
 */
public final class SecretTurn {
  private SecretTurn() {}

  /** Of somebody who makes a release; together with others who do. */
  public static void releasing(Handle handle, OrganizationId organization) {
    take(handle, organization, "pg_advisory_xact_lock_shared");
  }

  /** Of somebody who gives or deletes versions; alone. */
  public static void changing(Handle handle, OrganizationId organization) {
    take(handle, organization, "pg_advisory_xact_lock");
  }

  private static void take(Handle handle, OrganizationId organization, String function) {
    handle
        .createQuery("select " + function + "(hashtextextended(:key, 0))")
        .bind("key", "secrets/" + organization)
        .mapTo(String.class)
        .one();
  }
}
