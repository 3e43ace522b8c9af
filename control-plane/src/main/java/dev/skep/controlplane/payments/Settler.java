package dev.skep.controlplane.payments;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import dev.skep.controlplane.ledger.Wallets;
import dev.skep.controlplane.state.NotificationWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Makes a payment here what it is at its provider. The provider is asked outside of transactions,
 * and what it says is applied in one, with the payment's row held: any number may do so at once,
 * and who dies in between has done nothing.
 */
final class Settler {
  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;
  private final Map<Provider, PaymentGateway> gateways;

  Settler(
      Database database,
      Supplier<UUID> ids,
      InstantSource clock,
      Map<Provider, PaymentGateway> gateways) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
    this.gateways = gateways;
  }

  /** One step further: asks the provider, and tells it what it does not know of. */
  void advance(Payment payment) {
    PaymentGateway gateway = gateways.get(payment.provider());
    if (gateway == null) {
      return; // It is not set up any more; what is pending waits.
    }
    settle(payment.id(), gateway.look(payment), Optional.empty())
        .forEach(reversal -> send(gateway, payment, reversal));
  }

  /** Applies an event once; {@code more} is what the event says that went back. */
  void hear(Payment payment, String event, List<Seen.Back> more) {
    PaymentGateway gateway = gateways.get(payment.provider());
    if (gateway != null) {
      settle(payment.id(), gateway.look(payment).and(more), Optional.of(event));
    }
  }

  private void send(PaymentGateway gateway, Payment payment, Reversal reversal) {
    try {
      Seen.Back back = gateway.refund(payment, reversal);
      settle(payment.id(), Seen.open().and(List.of(back)), Optional.empty());
    } catch (ProviderRefused e) {
      database.useTransaction(handle -> refused(handle, payment.id(), reversal.id(), e));
    }
  }

  private void refused(Handle handle, UUID id, UUID reversal, ProviderRefused refused) {
    PaymentStore store = new PaymentStore(handle);
    Payment payment = store.lock(id);
    store.reversals(id).stream()
        .filter(r -> r.id().equals(reversal) && r.state() == Reversal.State.ASKED)
        .forEach(
            asked -> {
              undo(handle, payment, asked);
              store.recount(id);
              alarm(
                  handle,
                  payment,
                  payment.provider().shown()
                      + " refused to give back "
                      + money(payment, asked.amount())
                      + ": "
                      + refused.getMessage());
            });
  }

  /** Answers what the provider does not know of. */
  private List<Reversal> settle(UUID id, Seen seen, Optional<String> event) {
    return database.inTransaction(
        handle -> {
          PaymentStore store = new PaymentStore(handle);
          Payment payment = store.lock(id);
          if (event.isPresent() && !store.apply(payment, event.get())) {
            return List.of();
          }
          Instant now = clock.instant();
          String currency = Wallets.lock(handle, payment.organization()).currency();
          List<Settlement.Step> steps =
              Settlement.of(payment, store.reversals(id), currency, seen, now);
          Long arrived = payment.transaction();
          for (Settlement.Step step : steps) {
            arrived = take(handle, payment, step, arrived);
          }
          store.recount(id);
          List<Reversal> asked =
              store.reversals(id).stream()
                  .filter(reversal -> reversal.state() == Reversal.State.ASKED)
                  .toList();
          store.lookAgain(id, Looks.next(store.lock(id), !asked.isEmpty(), now));
          return asked;
        });
  }

  /** Answers the movement that brought the money, when it is there. */
  private @Nullable Long take(
      Handle handle, Payment payment, Settlement.Step step, @Nullable Long arrived) {
    PaymentStore store = new PaymentStore(handle);
    switch (step) {
      case Settlement.Step.TopUp(var capture) -> {
        return arrive(handle, payment, capture);
      }
      case Settlement.Step.End(var state, var failure) -> store.ended(payment.id(), state, failure);
      case Settlement.Step.Take(var back) -> takeBack(handle, payment, back, arrived);
      case Settlement.Step.Confirm(var reversal, var reference) ->
          store.confirm(reversal.id(), reference);
      case Settlement.Step.Undo(var reversal) -> undo(handle, payment, reversal);
      case Settlement.Step.Alarm(var text) -> alarm(handle, payment, text);
    }
    return arrived;
  }

  /** The wallet has the money; also for what came by hand. */
  long arrive(Handle handle, Payment payment, String capture) {
    Posting posting =
        new Posting(
            payment.organization(),
            Kind.TOP_UP,
            payment.provider().key(capture),
            payment.amount().micros(),
            payment.amount().currency(),
            null,
            "Paid by " + payment.provider().shown(),
            payment.author());
    long transaction = Ledger.post(handle, posting).transaction();
    new PaymentStore(handle).arrived(payment.id(), capture, transaction, clock.instant());
    tell(
        handle,
        payment,
        Notification.Severity.INFO,
        "payment_arrived",
        payment.amount() + " came in by " + payment.provider().shown());
    return transaction;
  }

  /** What began at the provider is gone: the wallet gives what it has, the rest is owed. */
  private void takeBack(Handle handle, Payment payment, Seen.Back back, @Nullable Long arrived) {
    boolean refund = back.kind() == Reversal.Kind.REFUND;
    String text = (refund ? "Refunded at " : "Taken back over ") + payment.provider().shown();
    Posting posting =
        new Posting(
            payment.organization(),
            Kind.CHARGEBACK,
            payment.provider().key(back.reference()),
            back.amount().micros(),
            back.amount().currency(),
            arrived,
            text,
            "");
    long transaction = Ledger.post(handle, posting).transaction();
    new PaymentStore(handle)
        .add(
            payment,
            new Reversal(
                ids.get(),
                back.kind(),
                back.reference(),
                back.amount().micros(),
                Reversal.State.DONE,
                "",
                "",
                clock.instant(),
                transaction));
    tell(
        handle,
        payment,
        refund ? Notification.Severity.INFO : Notification.Severity.WARNING,
        refund ? "payment_refunded" : "payment_charged_back",
        text + ": " + back.amount() + " of a payment of " + payment.amount());
  }

  private void undo(Handle handle, Payment payment, Reversal reversal) {
    Posting posting =
        new Posting(
            payment.organization(),
            Kind.TOP_UP,
            "undone:" + reversal.id(),
            reversal.amount(),
            payment.amount().currency(),
            reversal.transaction(),
            "What went back came again from " + payment.provider().shown(),
            "");
    Ledger.post(handle, posting);
    new PaymentStore(handle).undo(reversal.id());
    tell(
        handle,
        payment,
        Notification.Severity.INFO,
        "payment_arrived",
        money(payment, reversal.amount()) + " came again from " + payment.provider().shown());
  }

  private void alarm(Handle handle, Payment payment, String text) {
    new PaymentStore(handle).broken(payment.id(), text);
    NotificationWriter.append(
        handle,
        ids.get(),
        Notification.ofPlatform(
            Notification.Severity.CRITICAL,
            "payment_mismatch",
            payment.id().toString(),
            "Payment " + payment.id() + " (" + payment.reference() + "): " + text));
  }

  private void tell(
      Handle handle, Payment payment, Notification.Severity severity, String type, String message) {
    NotificationWriter.append(
        handle,
        ids.get(),
        new Notification(payment.organization(), severity, type, payment.id().toString(), message));
  }

  private static Money money(Payment payment, long micros) {
    return new Money(micros, payment.amount().currency());
  }
}
