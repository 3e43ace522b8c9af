package dev.skep.controlplane.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.billing.Books;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import dev.skep.controlplane.payments.ProviderStandIn.Event;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What holds with every provider. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PaymentsContract<S extends ProviderStandIn> {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  static final Money TEN = euros(10);

  final TestDatabase test = TestDatabase.create();
  final S provider;
  private PaymentsFeature payments;
  private OrganizationId organization;

  PaymentsContract(S provider) {
    this.provider = provider;
    this.payments = feature();
    this.organization = organization();
  }

  private PaymentsFeature feature() {
    return new PaymentsFeature(
        test.database(), test.ids(), InstantSource.system(), provider.settings());
  }

  private OrganizationId organization() {
    return test.addOrganization("org-" + NUMBER.incrementAndGet());
  }

  /** A feature of its own: its breaker must not remember a test in which nobody answered. */
  @BeforeEach
  void begin() {
    provider.setDown(false);
    provider.refuseRefunds(false);
    payments = feature();
    organization = organization();
  }

  @AfterEach
  void theBooksAreRight() {
    assertThat(Books.findings(test.database())).isEmpty();
  }

  @AfterAll
  void stop() {
    provider.close();
    test.close();
  }

  @Test
  void whatIsPaidIsInTheWalletWithTheEvent() {
    Payment payment = start(TEN);
    assertThat(payment.url()).startsWith("https://");
    assertThat(balance()).isZero();

    provider.pay(payment.reference());
    hear(provider.paidEvent(payment.reference()));

    assertThat(balance()).isEqualTo(TEN.micros());
    Payment paid = read(payment);
    assertThat(paid.state()).isEqualTo(Payment.State.PAID);
    assertThat(keys()).containsExactly(provider.provider().word() + ":" + paid.capture());
    assertThat(notes("payment_arrived")).hasSize(1);
  }

  @Test
  void theSameEventTwentyTimesAtOnceIsOneTopUp() throws InterruptedException {
    Payment payment = start(TEN);
    provider.pay(payment.reference());
    Event event = provider.paidEvent(payment.reference());

    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> all = new ArrayList<>();
      IntStream.range(0, 20)
          .forEach(
              i ->
                  all.add(
                      () -> {
                        hear(event);
                        return true;
                      }));
      assertThat(executor.invokeAll(all)).allMatch(done -> done.state() == Future.State.SUCCESS);
    }

    assertThat(balance()).isEqualTo(TEN.micros());
    assertThat(keys()).hasSize(1);
    assertThat(notes("payment_arrived")).hasSize(1);
  }

  @Test
  void eventsAndThePollAtOnceAreOneTopUp() throws InterruptedException {
    Payment payment = start(TEN);
    provider.pay(payment.reference());
    due();
    List<Callable<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Event event = provider.paidEvent(payment.reference());
      all.add(
          () -> {
            hear(event);
            payments.poll().run();
            return true;
          });
    }

    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(executor.invokeAll(all)).allMatch(done -> done.state() == Future.State.SUCCESS);
    }

    assertThat(keys()).hasSize(1);
    assertThat(balance()).isEqualTo(TEN.micros());
  }

  @Test
  void whatTheProviderDidNotSignIsNotHeard() {
    Payment payment = start(TEN);
    provider.pay(payment.reference());
    Event event = provider.paidEvent(payment.reference());

    refused(Reason.SIGNATURE_REFUSED, () -> hear(event.withBody(event.text() + " ")));
    for (Event forged : forgeries(event)) {
      refused(Reason.SIGNATURE_REFUSED, () -> hear(forged));
    }

    assertThat(balance()).isZero();
    assertThat(
            test.number("select count(*) from payment_events where payment_id = ?", payment.id()))
        .isZero();
    hear(event);
    assertThat(balance()).as("it is the signature that was refused").isEqualTo(TEN.micros());
  }

  /** As somebody would make them who does not have the provider's key. */
  abstract List<Event> forgeries(Event event);

  @Test
  void anotherAmountIsAnAlarmAndNoTopUp() {
    for (Money other : List.of(euros(20), new Money(TEN.micros(), "USD"))) {
      Payment payment = start(TEN);
      provider.payWrong(payment.reference(), other);

      hear(provider.paidEvent(payment.reference()));
      hear(provider.paidEvent(payment.reference()));

      assertThat(balance()).isZero();
      assertThat(read(payment).state()).isEqualTo(Payment.State.FAILED);
      assertThat(read(payment).failure()).contains(other.toString(), TEN.toString());
      assertThat(alarms(payment)).hasSize(1).first().asString().contains(other.toString());
    }
  }

  @Test
  void aRefundThatIsHeardOfBeforeThePaymentCountsOnce() {
    Payment payment = start(TEN);
    provider.pay(payment.reference());
    Event paid = provider.paidEvent(payment.reference());
    Event refunded = provider.refundThere(payment.reference(), euros(4));

    hear(refunded);
    assertThat(balance()).isEqualTo(euros(6).micros());
    hear(paid);
    hear(refunded);

    assertThat(balance()).isEqualTo(euros(6).micros());
    assertThat(read(payment).refunded()).isEqualTo(euros(4).micros());
    assertThat(read(payment).state()).isEqualTo(Payment.State.PAID);
    assertThat(keys()).hasSize(2);
  }

  @Test
  void aLostEventCostsOnlyTime() {
    Payment payment = start(TEN);
    provider.pay(payment.reference());
    payments.poll().run();
    assertThat(balance()).as("its time has not come").isZero();

    due();
    payments.poll().run();

    assertThat(balance()).isEqualTo(TEN.micros());
    hear(provider.paidEvent(payment.reference()));
    assertThat(balance()).as("the event comes after all").isEqualTo(TEN.micros());
  }

  @Test
  void whatNobodyPaysExpiresAndMoneyThatComesAllTheSameCounts() {
    Payment payment = start(TEN);
    provider.expire(payment.reference());
    due();
    payments.poll().run();
    assertThat(read(payment).state()).isEqualTo(Payment.State.EXPIRED);
    assertThat(
            test.number(
                "select count(*) from payments where id = ? and next_look_at is not null",
                payment.id()))
        .as("nobody asks any more")
        .isZero();

    Payment late = start(TEN);
    test.execute(
        "update payments set expires_at = now() - interval '1 hour' where id = ?", late.id());
    due();
    payments.poll().run();
    assertThat(read(late).state()).isEqualTo(Payment.State.EXPIRED);
    provider.pay(late.reference());
    hear(provider.paidEvent(late.reference()));
    assertThat(read(late).state()).isEqualTo(Payment.State.PAID);
    assertThat(balance()).isEqualTo(TEN.micros());
  }

  @Test
  void aProviderThatDoesNotAnswerIsNamedAndNothingIsLost() {
    Payment payment = start(TEN);
    provider.pay(payment.reference());
    Event event = provider.paidEvent(payment.reference());
    provider.setDown(true);

    refused(Reason.PROVIDER_UNREACHABLE, () -> start(TEN));
    refused(Reason.PROVIDER_UNREACHABLE, () -> hear(event));
    due();
    payments.poll().run();

    assertThat(balance()).isZero();
    assertThat(
            test.number(
                "select count(*) from payments where organization_id = ?", organization.value()))
        .isEqualTo(1);
    provider.setDown(false);
    hear(event);
    assertThat(balance()).isEqualTo(TEN.micros());
  }

  @Test
  void whenItFailsOftenItIsNotAskedForAWhile() {
    provider.setDown(true);
    for (int i = 0; i < 10; i++) {
      refused(Reason.PROVIDER_UNREACHABLE, () -> start(TEN));
    }
    provider.setDown(false);
    refused(Reason.PROVIDER_UNREACHABLE, () -> start(TEN));
  }

  @Test
  void aChargebackOfMoneyThatIsSpentIsOwed() {
    Payment payment = paid(TEN);
    spend(euros(8));

    Event event = provider.chargeBack(payment.reference(), TEN);
    hear(event);
    hear(event);

    assertThat(balance()).isZero();
    assertThat(owed()).isEqualTo(euros(8).micros());
    assertThat(read(payment).state()).isEqualTo(Payment.State.CHARGED_BACK);
    assertThat(read(payment).chargedBack()).isEqualTo(TEN.micros());
    assertThat(notes("payment_charged_back")).hasSize(1);
  }

  @Test
  void moneyGoesBackThroughTheProviderOnce() {
    Payment payment = paid(TEN);
    int calls = provider.refundCalls.get();

    refund(payment, euros(3).micros());

    assertThat(balance()).as("it is gone at once").isEqualTo(euros(7).micros());
    Await.until(
        "the provider knows of it",
        () -> reversals(payment).getFirst().state() == Reversal.State.DONE);
    assertThat(provider.refundCalls.get()).isEqualTo(calls + 1);
    hear(provider.ourRefundEvent(payment.reference()));
    due();
    payments.poll().run();
    assertThat(balance()).isEqualTo(euros(7).micros());
    assertThat(reversals(payment)).hasSize(1);

    refund(payment, null);
    Await.until(
        "the provider knows of both",
        () -> reversals(payment).stream().allMatch(r -> r.state() == Reversal.State.DONE));
    assertThat(balance()).isZero();
    assertThat(read(payment).state()).isEqualTo(Payment.State.REFUNDED);
    assertThat(provider.refundCalls.get()).isEqualTo(calls + 2);
  }

  @Test
  void aRefundThatTheProviderDidNotHearOfIsAskedAgain() {
    Payment payment = paid(TEN);
    int calls = provider.refundCalls.get();
    provider.setDown(true);
    refund(payment, null);
    provider.setDown(false);

    Await.until(
        "the poll asks again",
        () -> {
          due();
          payments.poll().run();
          return reversals(payment).getFirst().state() == Reversal.State.DONE;
        });

    assertThat(provider.refundCalls.get()).isEqualTo(calls + 1);
    assertThat(balance()).isZero();
    assertThat(keys()).hasSize(2);
  }

  @Test
  void noMoreGoesBackThanWasPaidOrIsThere() {
    Payment payment = paid(TEN);
    Payment pending = start(TEN);
    refused(Reason.REFUND_TOO_LARGE, () -> refund(payment, euros(11).micros()));
    refused(Reason.REFUND_TOO_LARGE, () -> refund(pending, null));
    spend(euros(8));
    refused(Reason.INSUFFICIENT_FUNDS, () -> refund(payment, euros(3).micros()));
    refused(Reason.INVALID_FIELD, () -> refund(payment, 1L));
    assertThat(reversals(payment)).isEmpty();

    refund(payment, euros(2).micros());
    refused(Reason.REFUND_TOO_LARGE, () -> refund(payment, euros(9).micros()));
    assertThat(balance()).isZero();
  }

  @Test
  void aRefundThatTheProviderRefusesComesBackAndIsTold() {
    Payment payment = paid(TEN);
    provider.refuseRefunds(true);

    refund(payment, null);

    Await.until(
        "the provider knows of it",
        () -> reversals(payment).getFirst().state() == Reversal.State.UNDONE);
    assertThat(balance()).isEqualTo(TEN.micros());
    assertThat(read(payment).state()).isEqualTo(Payment.State.PAID);
    assertThat(alarms(payment)).hasSize(1);
  }

  @Test
  void moreThanWasPaidThatGoesBackIsAnAlarm() {
    Payment payment = paid(TEN);
    hear(provider.refundThere(payment.reference(), euros(7)));
    hear(provider.chargeBack(payment.reference(), euros(7)));
    hear(provider.chargeBack(payment.reference(), euros(2)));

    assertThat(alarms(payment)).isNotEmpty();
    assertThat(balance()).isEqualTo(euros(1).micros());
    assertThat(read(payment).left()).isEqualTo(euros(1).micros());
  }

  @Test
  void aPaymentOfSomebodyElseIsNotThere() {
    Payment payment = paid(TEN);
    organization = organization();

    refused(Reason.PAYMENT_NOT_FOUND, () -> read(payment));
    refused(Reason.PAYMENT_NOT_FOUND, () -> refund(payment, null));
    assertThat(payments.service().list(organization, newest(), 10)).isEmpty();
  }

  @Test
  void whatTheProviderDoesNotTakeIsRefused() {
    refused(Reason.INVALID_FIELD, () -> start(new Money(10_000_001, "EUR")));
    refused(Reason.INVALID_FIELD, () -> start(new Money(100_000, "EUR")));
    refused(Reason.INVALID_FIELD, () -> start(new Money(0, "EUR")));
    refused(Reason.INVALID_FIELD, () -> start(new Money(PaymentsService.MOST + 1, "EUR")));
    refused(Reason.CURRENCY_MISMATCH, () -> start(new Money(10_000_000, "USD")));
  }

  /** Whatever happens, in whatever order it is heard of, and however often. */
  @Test
  void noUnitAppearsOrVanishes() {
    for (long seed = 1; seed <= 12; seed++) {
      organization = organization();
      Random random = new Random(seed);
      List<Event> events = new ArrayList<>();
      long expected = 0;
      for (int i = 0; i < 3; i++) {
        Money amount = euros(10 + random.nextInt(90));
        Payment payment = start(amount);
        if (random.nextInt(4) == 0) {
          continue;
        }
        provider.pay(payment.reference());
        events.add(provider.paidEvent(payment.reference()));
        expected += amount.micros();
        long left = amount.micros();
        for (int back = random.nextInt(3); back > 0; back--) {
          Money some = new Money(1_000_000L * (1 + random.nextInt(4)), "EUR");
          events.add(
              random.nextBoolean()
                  ? provider.refundThere(payment.reference(), some)
                  : provider.chargeBack(payment.reference(), some));
          left -= some.micros();
          expected -= some.micros();
        }
        assertThat(left).isNotNegative();
      }
      events.addAll(List.copyOf(events));
      Collections.shuffle(events, random);
      events.forEach(this::hear);
      due();
      payments.poll().run();

      assertThat(balance() - owed()).as("seed " + seed).isEqualTo(expected);
      assertThat(Books.findings(test.database())).as("seed " + seed).isEmpty();
    }
  }

  static Money euros(long units) {
    return new Money(units * 1_000_000, "EUR");
  }

  Payment start(Money amount) {
    return payments.service().start(asker(), Optional.empty(), amount);
  }

  Payment paid(Money amount) {
    Payment payment = start(amount);
    provider.pay(payment.reference());
    hear(provider.paidEvent(payment.reference()));
    return read(payment);
  }

  void hear(Event event) {
    java.util.Objects.requireNonNull(payments.hooks().get(provider.provider().word()))
        .receive(event.body(), event.header());
  }

  void refund(Payment payment, @Nullable Long micros) {
    var _ = payments.service().refund(asker(), payment.id(), micros, "asked for it");
  }

  private PaymentsService.Asker asker() {
    return new PaymentsService.Asker(organization, "acme", "ada");
  }

  Payment read(Payment payment) {
    return payments.service().get(organization, payment.id()).payment();
  }

  List<Reversal> reversals(Payment payment) {
    return payments.service().get(organization, payment.id()).reversals();
  }

  /** The time of the organization's payments has come. */
  void due() {
    test.execute(
        "update payments set next_look_at = now() - interval '1 s'"
            + " where next_look_at is not null and organization_id = ?",
        organization.value());
  }

  private void spend(Money amount) {
    test.database()
        .useTransaction(
            handle ->
                Ledger.post(
                    handle,
                    new Posting(
                        organization,
                        Kind.PAYOUT,
                        "spent:" + test.ids().get(),
                        amount.micros(),
                        amount.currency(),
                        null,
                        "",
                        "test")));
  }

  long balance() {
    return test.number(
        "select balance from wallets where organization_id = ?", organization.value());
  }

  long owed() {
    return test.number("select owed from wallets where organization_id = ?", organization.value());
  }

  private List<String> keys() {
    return test.list(
        String.class,
        "select key from payment_transactions where organization_id = ? and key not like 'spent:%'"
            + " order by id",
        organization.value());
  }

  private List<String> notes(String type) {
    return test.list(
        String.class,
        "select message from notifications where organization_id = ? and type = ?",
        organization.value(),
        type);
  }

  private List<String> alarms(Payment payment) {
    return test.list(
        String.class,
        "select message from notifications where organization_id is null and type ="
            + " 'payment_mismatch' and subject = ?",
        payment.id().toString());
  }

  private static java.util.UUID newest() {
    return java.util.UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");
  }

  static void refused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }
}
