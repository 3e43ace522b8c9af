package dev.skep.controlplane.db;

import dev.skep.controlplane.kernel.OrganizationId;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Whose rows the work of this thread sees. While it is somebody's, every transaction gives up the
 * rights of the platform first: PostgreSQL itself then refuses what belongs to others ({@code
 * R__tenants.sql}).
 */
public final class Tenant {
  private static final ScopedValue<Optional<OrganizationId>> CURRENT = ScopedValue.newInstance();

  private static final String ENTER =
      "select set_config('role', 'skep_tenant', true) || set_config('skep.organization', :id, true)";

  private Tenant() {}

  /** Does work that is about one organization. */
  public static void in(OrganizationId organization, Runnable work) {
    ScopedValue.where(CURRENT, Optional.of(organization)).run(work);
  }

  /**
   * Reads that need the rows of all: who calls, and how much room is left on machines. What comes
   * of it must not tell of others.
   */
  public static <T> T across(Supplier<T> work) {
    return ScopedValue.where(CURRENT, Optional.empty()).call(work::get);
  }

  static Optional<OrganizationId> current() {
    return CURRENT.isBound() ? CURRENT.get() : Optional.empty();
  }

  /** As the first statement of a transaction. */
  static void enter(Handle handle) {
    current()
        .ifPresent(
            organization ->
                handle
                    .createQuery(ENTER)
                    .bind("id", organization.toString())
                    .mapTo(String.class)
                    .one());
  }
}
