package dev.skep.controlplane.db;

import dev.skep.controlplane.kernel.OrganizationId;
import java.sql.SQLException;
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

  /** SQLSTATE insufficient_privilege. */
  private static final String REFUSED = "42501";

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

  /** What PostgreSQL said when it did not let a call through to what is not the tenant's. */
  public static Optional<String> walled(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException said && REFUSED.equals(said.getSQLState())) {
        return Optional.of(String.valueOf(said.getMessage()).lines().findFirst().orElse(""));
      }
    }
    return Optional.empty();
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
