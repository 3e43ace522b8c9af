package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the billing API, and what the leader does about money. */
public final class BillingFeature {
  /** How often the leader looks whether something is due. */
  public static final Duration EVERY = Duration.ofSeconds(10);

  private final Database database;
  private final Supplier<UUID> ids;
  private final Settings settings;

  /**
   * The settings of this feature.
   *
   * @param charging whether hours cost anything
   * @param currency of the wallets of new organizations
   * @param grace from when something is owed until services are stopped
   * @param keep from then until they are deleted
   */
  public record Settings(boolean charging, String currency, Duration grace, Duration keep) {
    Arrears.Terms terms() {
      return new Arrears.Terms(grace, keep);
    }
  }

  public BillingFeature(Database database, Supplier<UUID> ids, Settings settings) {
    this.database = database;
    this.ids = ids;
    this.settings = settings;
    database.useTransaction(
        handle ->
            handle.execute(
                "update billing_defaults set currency = ? where currency <> ?",
                settings.currency(),
                settings.currency()));
  }

  public List<BindableService> apis() {
    return List.of(new BillingApi(new BillingService(database, ids, settings.charging())));
  }

  /** Closes hours, stops and resumes, tells and checks; on the leader alone. */
  public Runnable upkeep(LeaderLease lease) {
    return new BillingUpkeep(database, lease, ids, settings)::run;
  }
}
