package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.payments.PayPalStandIn;
import dev.skep.controlplane.payments.PaymentSettings;
import dev.skep.controlplane.payments.ProviderStandIn;
import dev.skep.controlplane.payments.StripeStandIn;
import dev.skep.v1.BillingServiceGrpc;
import dev.skep.v1.GetPaymentRequest;
import dev.skep.v1.GetWalletRequest;
import dev.skep.v1.ListPaymentsRequest;
import dev.skep.v1.Payment;
import dev.skep.v1.PaymentProvider;
import dev.skep.v1.PaymentReversalState;
import dev.skep.v1.PaymentState;
import dev.skep.v1.PaymentsServiceGrpc;
import dev.skep.v1.PaymentsServiceGrpc.PaymentsServiceBlockingStub;
import dev.skep.v1.RecordPaymentRequest;
import dev.skep.v1.RefundPaymentRequest;
import dev.skep.v1.Role;
import dev.skep.v1.StartTopUpRequest;
import dev.skep.v1.VerifyBillingRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Payments as people and providers see them, with everything behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PaymentsApiTest {
  private static final long TEN = 10_000_000;
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);

  private final StripeStandIn stripe = new StripeStandIn();
  private final PayPalStandIn payPal = new PayPalStandIn();
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory, @TempDir Path secrets) throws IOException {
    Map<String, String> settings = new HashMap<>();
    PaymentSettings.Stripe toStripe = stripe.settings().stripe().orElseThrow();
    settings.put("SKEP_STRIPE_URL", toStripe.url().toString());
    settings.put("SKEP_STRIPE_SECRET_KEY_FILE", file(secrets, "key", toStripe.secretKey()));
    settings.put(
        "SKEP_STRIPE_WEBHOOK_SECRET_FILE", file(secrets, "hook", toStripe.webhookSecret()));
    PaymentSettings.PayPal toPayPal = payPal.settings().payPal().orElseThrow();
    settings.put("SKEP_PAYPAL_URL", toPayPal.url().toString());
    settings.put("SKEP_PAYPAL_CLIENT_ID", toPayPal.clientId());
    settings.put(
        "SKEP_PAYPAL_CLIENT_SECRET_FILE", file(secrets, "client", toPayPal.clientSecret()));
    settings.put("SKEP_PAYPAL_WEBHOOK_ID", toPayPal.webhookId());
    started = new TestControlPlane(directory, settings);
  }

  private static String file(Path directory, String name, String secret) throws IOException {
    return Files.writeString(directory.resolve(name), secret + "\n").toString();
  }

  @AfterEach
  void theBooksAreRight() {
    assertThat(
            BillingServiceGrpc.newBlockingStub(skep().people())
                .verifyBilling(VerifyBillingRequest.getDefaultInstance())
                .getFindingsList())
        .isEmpty();
  }

  @AfterAll
  void stop() {
    skep().close();
    stripe.close();
    payPal.close();
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }

  @Test
  void whatIsPaidIsInTheWalletAndNobodyElseCanSaySo() throws Exception {
    for (var way : Map.of("stripe", stripe, "paypal", payPal).entrySet()) {
      TestTenant tenant = new TestTenant(skep(), "pays-by-" + way.getKey());
      JsonObject payment = startOverRest(tenant, way.getKey());
      String reference = payment.get("reference").getAsString();
      assertThat(payment.get("payUrl").getAsString()).startsWith("https://");
      way.getValue().pay(reference);
      ProviderStandIn.Event event = way.getValue().paidEvent(reference);

      HttpResponse<String> forged =
          hook(way.getKey(), new ProviderStandIn.Event(event.body(), Map.of("x-none", "1")));
      assertThat(forged.statusCode()).as(forged.body()).isEqualTo(401);
      assertThat(forged.body()).contains("SIGNATURE_REFUSED");
      assertThat(hook(way.getKey(), large(event)).statusCode()).isEqualTo(413);
      assertThat(balance(tenant)).isZero();
      assertThat(
              skep()
                  .sql("select 1 from payment_events where provider ilike '" + way.getKey() + "'"))
          .isEmpty();

      assertThat(hook(way.getKey(), event).statusCode()).isEqualTo(200);
      assertThat(hook(way.getKey(), event).statusCode()).isEqualTo(200);
      assertThat(balance(tenant)).isEqualTo(TEN);
    }
    assertThat(skep().send(skep().request("/api/billing/webhooks/stripe")).statusCode())
        .isEqualTo(405);
    assertThat(skep().send(skep().request("/paid")).body()).contains("Thank you");
  }

  private JsonObject startOverRest(TestTenant tenant, String provider) {
    HttpResponse<String> answer =
        skep()
            .send(
                skep()
                    .authorized("/api/billing/payments")
                    .header("skep-organization", tenant.organization().getName())
                    .header("content-type", "application/json")
                    .POST(
                        BodyPublishers.ofString(
                            "{\"provider\": \"PAYMENT_PROVIDER_%s\", \"amountMicros\": \"%d\"}"
                                .formatted(provider.toUpperCase(java.util.Locale.ROOT), TEN))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonObject("payment");
  }

  private HttpResponse<String> hook(String provider, ProviderStandIn.Event event) {
    var request =
        skep()
            .request("/api/billing/webhooks/" + provider)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofByteArray(event.body()));
    event.headers().forEach(request::header);
    return skep().send(request);
  }

  private static ProviderStandIn.Event large(ProviderStandIn.Event event) {
    return new ProviderStandIn.Event(new byte[(64 << 10) + 1], event.headers());
  }

  @Test
  void whoMayPayIsWhoHasTheRoleInThisOrganization() {
    TestTenant mine = new TestTenant(skep(), "mine");
    TestTenant others = new TestTenant(skep(), "others");
    Payment payment = begin(payments(mine.as(Role.ROLE_BILLING)));

    assertThat(payments(mine.as(Role.ROLE_ADMIN)).getPayment(get(payment)).getPayment().getId())
        .isEqualTo(payment.getId());
    assertRefused(
        "PAYMENT_NOT_FOUND", () -> payments(others.as(Role.ROLE_BILLING)).getPayment(get(payment)));
    assertRefused(
        "PAYMENT_NOT_FOUND",
        () ->
            payments(others.platform())
                .refundPayment(
                    RefundPaymentRequest.newBuilder().setPayment(payment.getId()).build()));
    assertThat(
            payments(others.as(Role.ROLE_ADMIN))
                .listPayments(ListPaymentsRequest.getDefaultInstance())
                .getPaymentsList())
        .isEmpty();
    Channel viewer = mine.as(Role.ROLE_VIEWER);
    assertRefused("PERMISSION_DENIED", () -> begin(payments(viewer)));
    assertRefused("PERMISSION_DENIED", () -> payments(viewer).getPayment(get(payment)));
    assertRefused(
        "INVALID_FIELD",
        () ->
            payments(mine.platform())
                .startTopUp(StartTopUpRequest.newBuilder().setAmountMicros(TEN).build()));
  }

  @Test
  void moneyThatCameByHandIsThereOnceAndGoesBack() {
    TestTenant tenant = new TestTenant(skep(), "by-hand");
    var platform = payments(tenant.platform());
    var request =
        RecordPaymentRequest.newBuilder().setReference("statement 7/12").setAmountMicros(TEN);

    Payment first = platform.recordPayment(request.build()).getPayment();
    assertThat(platform.recordPayment(request.build()).getPayment().getId())
        .isEqualTo(first.getId());
    assertThat(first.getState()).isEqualTo(PaymentState.PAYMENT_STATE_PAID);
    assertThat(balance(tenant)).isEqualTo(TEN);
    assertRefused(
        "PAYMENT_KEY_REUSED",
        () -> platform.recordPayment(request.clone().setAmountMicros(1).build()));
    assertRefused(
        "PAYMENT_KEY_REUSED",
        () ->
            payments(new TestTenant(skep(), "by-hand-too").platform())
                .recordPayment(request.build()));

    var back = RefundPaymentRequest.newBuilder().setPayment(first.getId());
    assertRefused(
        "REFUND_TOO_LARGE",
        () -> platform.refundPayment(back.clone().setAmountMicros(TEN + 1).build()));
    Payment after =
        platform
            .refundPayment(back.setAmountMicros(4_000_000).setReason("moved").build())
            .getPayment();
    assertThat(after.getRefundedMicros()).isEqualTo(4_000_000);
    assertThat(after.getReversals(0).getState())
        .isEqualTo(PaymentReversalState.PAYMENT_REVERSAL_STATE_DONE);
    assertThat(balance(tenant)).isEqualTo(6_000_000);
  }

  @Test
  void callsThatAreMadeAgainWithTheirKeyChangeNothing() {
    TestTenant tenant = new TestTenant(skep(), "again");
    var starts = payments(keyed(tenant.platform(), "start"));
    Payment payment = begin(starts);
    assertThat(begin(starts)).isEqualTo(payment);
    stripe.pay(payment.getReference());
    assertThat(hook("stripe", stripe.paidEvent(payment.getReference())).statusCode())
        .isEqualTo(200);

    var refunds = payments(keyed(tenant.platform(), "refund"));
    var request =
        RefundPaymentRequest.newBuilder()
            .setPayment(payment.getId())
            .setAmountMicros(1_000_000)
            .build();
    var first = refunds.refundPayment(request);
    assertThat(refunds.refundPayment(request)).isEqualTo(first);

    var reads = payments(tenant.platform());
    Await.until(
        "the provider has the refund",
        () ->
            reads.getPayment(get(payment)).getPayment().getReversals(0).getState()
                == PaymentReversalState.PAYMENT_REVERSAL_STATE_DONE);
    assertThat(balance(tenant)).isEqualTo(TEN - 1_000_000);
    assertThat(reads.getPayment(get(payment)).getPayment().getReversalsList()).hasSize(1);
  }

  @Test
  void paymentsAreListedInPages() {
    TestTenant tenant = new TestTenant(skep(), "pages");
    var payments = payments(tenant.platform());
    Payment first = begin(payments);
    Payment second = begin(payments);

    var page = payments.listPayments(ListPaymentsRequest.newBuilder().setPageSize(1).build());
    assertThat(page.getPaymentsList()).extracting(Payment::getId).containsExactly(second.getId());
    var rest =
        payments.listPayments(
            ListPaymentsRequest.newBuilder()
                .setPageSize(1)
                .setPageToken(page.getNextPageToken())
                .build());
    assertThat(rest.getPaymentsList()).extracting(Payment::getId).containsExactly(first.getId());
    assertThat(rest.getNextPageToken()).isEmpty();
  }

  private static Payment begin(PaymentsServiceBlockingStub payments) {
    return payments
        .startTopUp(
            StartTopUpRequest.newBuilder()
                .setProvider(PaymentProvider.PAYMENT_PROVIDER_STRIPE)
                .setAmountMicros(TEN)
                .build())
        .getPayment();
  }

  private static GetPaymentRequest get(Payment payment) {
    return GetPaymentRequest.newBuilder().setPayment(payment.getId()).build();
  }

  private static PaymentsServiceBlockingStub payments(Channel channel) {
    return PaymentsServiceGrpc.newBlockingStub(channel);
  }

  private static Channel keyed(Channel channel, String key) {
    Metadata headers = new Metadata();
    headers.put(KEY, key);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static long balance(TestTenant tenant) {
    return BillingServiceGrpc.newBlockingStub(tenant.platform())
        .getWallet(GetWalletRequest.getDefaultInstance())
        .getWallet()
        .getBalanceMicros();
  }
}
