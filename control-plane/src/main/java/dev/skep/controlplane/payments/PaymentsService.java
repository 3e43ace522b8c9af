package dev.skep.controlplane.payments;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import dev.skep.controlplane.ledger.Wallets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people do with payments. */
final class PaymentsService {
  /** In micro-units. */
  static final long MOST = 1_000_000_000_000L;

  private static final Logger log = LoggerFactory.getLogger(PaymentsService.class);

  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;
  private final Map<Provider, PaymentGateway> gateways;
  private final Settler settler;

  PaymentsService(
      Database database,
      Supplier<UUID> ids,
      InstantSource clock,
      Map<Provider, PaymentGateway> gateways,
      Settler settler) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
    this.gateways = gateways;
    this.settler = settler;
  }

  /** A payment with what went back of it. */
  record Whole(Payment payment, List<Reversal> reversals) {}

  /**
   * Who asks, for what.
   *
   * @param author name of who asks
   */
  record Asker(OrganizationId organization, String organizationName, String author) {}

  /** Begins a payment; {@code provider} may be left out when there is one. */
  Payment start(Asker asker, Optional<Provider> provider, Money asked) {
    Money amount = checked(asker.organization(), asked);
    PaymentGateway gateway = provider.map(this::gateway).orElseGet(this::only);
    var _ = gateway.coin(amount.currency()).require(amount);
    UUID id = ids.get();
    PaymentGateway.Opened opened;
    try {
      opened = gateway.open(id, amount, asker.organizationName());
    } catch (ProviderRefused e) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "amount_micros",
          gateway.provider().shown() + " refuses: " + e.getMessage());
    }
    Payment payment = pending(id, asker, gateway.provider(), amount, opened);
    return database.inTransaction(
        handle -> {
          PaymentStore store = new PaymentStore(handle);
          store.add(payment, Looks.next(payment, false, clock.instant()));
          return store.get(asker.organization(), id);
        });
  }

  private Payment pending(
      UUID id, Asker asker, Provider provider, Money amount, PaymentGateway.Opened opened) {
    return new Payment(
        id,
        asker.organization(),
        provider,
        opened.reference(),
        null,
        amount,
        Payment.State.PENDING,
        0,
        0,
        opened.url(),
        "",
        asker.author(),
        clock.instant(),
        null,
        opened.expiresAt(),
        null);
  }

  private PaymentGateway gateway(Provider provider) {
    PaymentGateway gateway = gateways.get(provider);
    if (gateway == null) {
      throw new Refusal(
          Reason.PAYMENTS_OFF,
          "payments over "
              + provider.shown()
              + " are not set up here; a platform admin can record what came in another way");
    }
    return gateway;
  }

  private PaymentGateway only() {
    if (gateways.isEmpty()) {
      throw new Refusal(
          Reason.PAYMENTS_OFF,
          "no payment provider is set up here; a platform admin can record what came in another"
              + " way");
    }
    if (gateways.size() > 1) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "provider", "there are several; say which: stripe or paypal");
    }
    return gateways.values().iterator().next();
  }

  /** With the wallet's currency where none was given. */
  private Money checked(OrganizationId organization, Money asked) {
    if (asked.micros() <= 0 || asked.micros() > MOST) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "amount_micros", "must be more than 0 and at most " + MOST);
    }
    String currency = database.read(handle -> Wallets.read(handle, organization)).currency();
    if (!asked.currency().isEmpty() && !asked.currency().equals(currency)) {
      throw new Refusal(
          Reason.CURRENCY_MISMATCH, "the wallet has " + currency + ", not " + asked.currency());
    }
    return new Money(asked.micros(), currency);
  }

  /** Newest first, starting before one. */
  List<Payment> list(OrganizationId organization, UUID before, int limit) {
    return database.read(handle -> new PaymentStore(handle).list(organization, before, limit));
  }

  Whole get(OrganizationId organization, UUID id) {
    return database.inReadTransaction(handle -> whole(handle, organization, id));
  }

  /** Money that came by hand; the same reference once. */
  Payment record(Asker asker, String reference, Money asked) {
    Money amount = checked(asker.organization(), asked);
    return database.inTransaction(
        handle -> {
          PaymentStore store = new PaymentStore(handle);
          Payment payment =
              pending(
                  ids.get(),
                  asker,
                  Provider.MANUAL,
                  amount,
                  new PaymentGateway.Opened(reference, "", clock.instant()));
          if (!store.add(payment, Optional.empty())) {
            return same(store, payment);
          }
          var _ = settler.arrive(handle, payment, reference);
          return store.get(asker.organization(), payment.id());
        });
  }

  private static Payment same(PaymentStore store, Payment wanted) {
    return store
        .byReference(Provider.MANUAL, wanted.reference())
        .filter(
            known ->
                known.organization().equals(wanted.organization())
                    && known.amount().equals(wanted.amount()))
        .orElseThrow(
            () ->
                new Refusal(
                    Reason.PAYMENT_KEY_REUSED,
                    "something else was recorded with this reference; give another"));
  }

  /**
   * Takes money out of the wallet and gives it back to who paid, soon.
   *
   * @param micros null for all that is left
   */
  Whole refund(Asker asker, UUID id, @Nullable Long micros, String reason) {
    return database.inTransaction(
        handle -> {
          PaymentStore store = new PaymentStore(handle);
          Payment payment = store.lock(asker.organization(), id);
          long amount = refundable(payment, micros);
          Reversal reversal = ask(handle, payment, amount, reason, asker.author());
          store.add(payment, reversal);
          store.recount(id);
          if (payment.provider() != Provider.MANUAL) {
            store.lookAgain(id, Optional.of(clock.instant().plus(Looks.CLAIM)));
            Database.afterCommit(() -> Thread.startVirtualThread(() -> advance(payment)));
          }
          return whole(handle, asker.organization(), id);
        });
  }

  /** At once; what fails here is tried again by the poll. */
  private void advance(Payment payment) {
    try {
      settler.advance(payment);
    } catch (Refusal | ProviderRefused e) {
      log.info("payment {} is looked at again later: {}", payment.id(), e.getMessage());
    }
  }

  private long refundable(Payment payment, @Nullable Long micros) {
    long amount = micros == null ? payment.left() : micros;
    if (amount > payment.left() || payment.left() == 0) {
      throw new Refusal(
          Reason.REFUND_TOO_LARGE,
          "of this payment "
              + new Money(payment.left(), payment.amount().currency())
              + " can go back, not "
              + new Money(amount, payment.amount().currency()));
    }
    Money money = new Money(amount, payment.amount().currency());
    if (payment.provider() == Provider.MANUAL) {
      return money.micros();
    }
    return gateway(payment.provider()).coin(money.currency()).require(money).micros();
  }

  private Reversal ask(Handle handle, Payment payment, long amount, String reason, String author) {
    UUID id = ids.get();
    Posting posting =
        new Posting(
            payment.organization(),
            Kind.PAYOUT,
            "refund:" + id,
            amount,
            payment.amount().currency(),
            payment.transaction(),
            "Given back over " + payment.provider().shown(),
            author);
    long transaction = Ledger.post(handle, posting).transaction();
    boolean ours = payment.provider() == Provider.MANUAL;
    return new Reversal(
        id,
        Reversal.Kind.REFUND,
        null,
        amount,
        ours ? Reversal.State.DONE : Reversal.State.ASKED,
        reason,
        author,
        clock.instant(),
        transaction);
  }

  private static Whole whole(Handle handle, OrganizationId organization, UUID id) {
    PaymentStore store = new PaymentStore(handle);
    return new Whole(store.get(organization, id), store.reversals(id));
  }
}
