package dev.skep.controlplane.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.payments.ProviderStandIn.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StripePaymentsTest extends PaymentsContract<StripeStandIn> {
  StripePaymentsTest() {
    super(new StripeStandIn());
  }

  @Override
  List<Event> forgeries(Event event) {
    return List.of(
        StripeStandIn.signed(event.text(), "whsec_of_somebody_else", Instant.now()),
        StripeStandIn.signed(
            event.text(), StripeStandIn.WEBHOOK_SECRET, Instant.now().minusSeconds(600)),
        event.with("stripe-signature", "t=1,v1=00"),
        new Event(event.body(), Map.of()));
  }

  @Test
  void aDisputeThatIsWonGivesTheMoneyBackOnce() {
    Payment payment = paid(TEN);
    Event lost = provider.chargeBack(payment.reference(), TEN);
    hear(lost);
    assertThat(balance()).isZero();

    Event won = provider.win(payment.reference());
    hear(won);
    hear(lost);
    hear(provider.win(payment.reference()));

    assertThat(balance()).isEqualTo(TEN.micros());
    assertThat(read(payment).state()).isEqualTo(Payment.State.PAID);
  }

  @Test
  void aRefundThatFailsLaterComesBack() {
    Payment payment = paid(TEN);
    hear(provider.refundThere(payment.reference(), TEN));
    assertThat(read(payment).state()).isEqualTo(Payment.State.REFUNDED);

    hear(provider.failRefund(payment.reference()));

    assertThat(balance()).isEqualTo(TEN.micros());
    assertThat(read(payment).state()).isEqualTo(Payment.State.PAID);
  }

  @Test
  void coinsAreThoseThatStripeCounts() {
    StripeGateway stripe =
        new StripeGateway(
            provider.settings().stripe().orElseThrow(),
            provider.settings().comeBack(),
            java.time.Clock.systemUTC());
    assertThat(stripe.coin("EUR").count(12_340_000)).isEqualTo(1234);
    assertThat(stripe.coin("JPY").count(500_000_000)).isEqualTo(500);
    assertThat(stripe.coin("KWD").count(1_230_000)).isEqualTo(1230);
    assertThat(stripe.coin("ISK").count(5_000_000)).isEqualTo(500);
    refused(
        dev.skep.controlplane.kernel.Reason.INVALID_FIELD,
        () -> stripe.coin("KWD").require(new dev.skep.controlplane.kernel.Money(1_001_000, "KWD")));
  }
}
