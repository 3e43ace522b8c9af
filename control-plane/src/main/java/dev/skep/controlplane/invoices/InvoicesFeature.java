package dev.skep.controlplane.invoices;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.List;

/** How to build the API of invoices, and what the leader does about them. */
public final class InvoicesFeature {
  private InvoicesFeature() {}

  public static List<BindableService> apis(Database database, InstantSource clock) {
    return List.of(new InvoicesApi(new InvoicesService(database), clock));
  }

  /**
   * Makes invoices of months that are closed; on the leader alone.
   *
   * @param seller who invoices: name and address
   */
  public static Runnable upkeep(Database database, LeaderLease lease, String seller) {
    return new InvoiceUpkeep(database, lease, seller)::run;
  }
}
