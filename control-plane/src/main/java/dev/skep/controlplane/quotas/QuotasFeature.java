package dev.skep.controlplane.quotas;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import io.grpc.BindableService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the quotas API, its chore, and the counting of calls. */
public final class QuotasFeature {
  /** How often use is recalculated. */
  public static final Duration EVERY = Duration.ofSeconds(30);

  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;
  private final ApiRates rates;

  /** {@code perToken}: calls that a token may make in a minute; empty for any number. */
  public QuotasFeature(
      Database database, Supplier<UUID> ids, InstantSource clock, OptionalInt perToken) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
    this.rates = new ApiRates(database, perToken);
  }

  public List<BindableService> apis() {
    return List.of(new QuotasApi(new QuotasService(database, ids, clock, rates), clock));
  }

  public ApiRates rates() {
    return rates;
  }

  /** Recalculates what is used, and tells people; on the leader alone. */
  public Runnable upkeep(LeaderLease lease) {
    return new QuotaUpkeep(database, lease, ids, clock)::run;
  }
}
