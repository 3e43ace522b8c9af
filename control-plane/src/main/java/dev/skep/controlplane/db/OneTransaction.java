package dev.skep.controlplane.db;

import dev.skep.controlplane.kernel.OrganizationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of one thread that become one: it begins with the first of them and ends when its
 * owner says so, so that something that is known only afterwards can be written with them. Reads in
 * between see what was written.
 */
public final class OneTransaction implements AutoCloseable {
  private final Jdbi jdbi;
  private final Consumer<Handle> first;
  private final List<Runnable> afterCommit = new ArrayList<>();
  private @Nullable Handle handle;
  private Optional<OrganizationId> whose = Optional.empty();

  /** {@code first} is done before anything else, once the transaction has begun. */
  OneTransaction(Jdbi jdbi, Consumer<Handle> first) {
    this.jdbi = jdbi;
    this.first = first;
  }

  /** Null until something was written. */
  @Nullable Handle begun() {
    return handle;
  }

  /** Whether reads for this organization, or for all when it is empty, see the same rows. */
  boolean sees(Optional<OrganizationId> reader) {
    return whose.equals(reader);
  }

  <T extends @Nullable Object> T within(Function<Handle, T> work) {
    Handle open = handle;
    if (open == null) {
      open = jdbi.open();
      handle = open;
      whose = Tenant.current();
      open.begin();
      first.accept(open);
    }
    return work.apply(open);
  }

  void afterCommit(Runnable work) {
    afterCommit.add(work);
  }

  void commit(Consumer<Handle> last) {
    Handle open = handle;
    if (open != null) {
      last.accept(open);
      open.commit();
    }
    afterCommit.forEach(Runnable::run);
  }

  /** Undoes what was not committed. */
  @Override
  public void close() {
    Handle open = handle;
    handle = null;
    if (open != null) {
      try (open) {
        if (open.isInTransaction()) {
          open.rollback();
        }
      }
    }
  }
}
