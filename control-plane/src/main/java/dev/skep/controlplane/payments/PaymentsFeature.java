package dev.skep.controlplane.payments;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import io.grpc.BindableService;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** How to build payments: their API, where providers' events go, and the chores. */
public final class PaymentsFeature {
  /** How often providers are asked. */
  public static final Duration EVERY = Duration.ofMinutes(1);

  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;
  private final Map<Provider, PaymentGateway> gateways = new EnumMap<>(Provider.class);
  private final Settler settler;
  private final PaymentPoll poll;

  public PaymentsFeature(
      Database database, Supplier<UUID> ids, InstantSource clock, PaymentSettings settings) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
    settings
        .stripe()
        .ifPresent(
            stripe ->
                gateways.put(
                    Provider.STRIPE,
                    new StripeGateway(
                        stripe, settings.comeBack(), clock.withZone(ZoneOffset.UTC))));
    settings
        .payPal()
        .ifPresent(
            payPal ->
                gateways.put(
                    Provider.PAYPAL, new PayPalGateway(payPal, settings.comeBack(), clock)));
    this.settler = new Settler(database, ids, clock, gateways);
    this.poll = new PaymentPoll(database, clock, settler);
  }

  public List<BindableService> apis() {
    return List.of(new PaymentsApi(service()));
  }

  PaymentsService service() {
    return new PaymentsService(database, ids, clock, gateways, settler);
  }

  /** Where events go, by the word for the provider. */
  public Map<String, PaymentHook> hooks() {
    return gateways.values().stream()
        .collect(
            Collectors.toMap(
                gateway -> gateway.provider().word(),
                gateway -> new PaymentEvents(database, gateway, settler)));
  }

  /** Asks providers of what is due; on the leader alone. */
  public Runnable upkeep(LeaderLease lease) {
    return () -> {
      if (lease.epoch() != 0) {
        poll.run();
      }
    };
  }

  PaymentPoll poll() {
    return poll;
  }

  /** Deletes events that no provider sends again; to be called now and then. */
  public void forget() {
    poll.forgetEvents();
  }
}
