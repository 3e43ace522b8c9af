package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Database;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Lease and presence of a control plane whose threads somebody else plays. */
public final class SimulatedPresence {
  private final LeaderLease lease;
  private final Presence presence;

  public SimulatedPresence(
      Database database, Supplier<UUID> ids, LongSupplier nanos, String endpoint) {
    lease = new LeaderLease(database, nanos);
    presence =
        new Presence(
            database, new Presence.Self(List.of(endpoint), "http://" + endpoint, "1"), ids, nanos);
  }

  public LeaderLease lease() {
    return lease;
  }

  public void renew() {
    lease.renew();
  }

  public void beat() {
    presence.beat();
  }

  /** {@code listener} hears that the sessions of this process do not count any more. */
  public void whenAbsent(Runnable listener) {
    presence.whenAbsent(listener);
  }

  /** Sessions that are opened now belong to this row. */
  public UUID id() {
    return presence.id();
  }
}
