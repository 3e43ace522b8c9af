package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.PaymentProvider;
import dev.skep.v1.RecordPaymentRequest;
import dev.skep.v1.RefundPaymentRequest;
import dev.skep.v1.StartTopUpRequest;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
final class PaymentsTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String... args) {
    return Invocation.run(
        Map.of("SKEP_SERVER", "http://127.0.0.1:" + controlPlane.port(), "SKEP_TOKEN", "skp_x"),
        args);
  }

  private <T> T asked(Class<T> type) {
    return type.cast(
        controlPlane.requests.stream().filter(type::isInstance).findFirst().orElseThrow());
  }

  @Test
  void aTopUpSaysWhereToPay() {
    var topUp = skep("billing", "topup", "12.50");

    assertThat(topUp.code()).as(topUp.err()).isZero();
    assertThat(topUp.out())
        .contains("pay 12.50 EUR at https://checkout.example.org/cs_1", "payments show 01900000");
    assertThat(asked(StartTopUpRequest.class).getAmountMicros()).isEqualTo(12_500_000);
    assertThat(asked(StartTopUpRequest.class).getProvider())
        .isEqualTo(PaymentProvider.PAYMENT_PROVIDER_UNSPECIFIED);
    assertThat(skep("billing", "topup", "1", "--provider", "coins").code()).isEqualTo(2);
  }

  @Test
  void aTopUpCanBeWaitedFor() {
    var topUp = skep("billing", "topup", "12.50", "--provider", "PayPal", "--wait");

    assertThat(topUp.code()).as(topUp.err()).isZero();
    assertThat(topUp.err()).contains("pay at https://checkout.example.org/cs_1");
    assertThat(topUp.out()).containsPattern("state +paid");
    assertThat(asked(StartTopUpRequest.class).getProvider())
        .isEqualTo(PaymentProvider.PAYMENT_PROVIDER_PAYPAL);
  }

  @Test
  void paymentsAreListedShownRecordedAndRefunded() {
    assertThat(skep("billing", "payments").out())
        .containsPattern("01900000\\S+ +stripe +charged back +12.50 EUR +12.50");
    assertThat(skep("billing", "payments", "show", "failed").out())
        .containsPattern("state +failed: no money");

    var recorded = skep("billing", "payments", "record", "25", "--reference", "7/12");
    assertThat(recorded.out()).containsPattern("by +hand, cs_1");
    assertThat(asked(RecordPaymentRequest.class).getAmountMicros()).isEqualTo(25_000_000);
    assertThat(asked(RecordPaymentRequest.class).getReference()).isEqualTo("7/12");
    assertThat(skep("billing", "payments", "record", "25").code()).isEqualTo(2);

    var refunded = skep("billing", "payments", "refund", "x", "--amount", "2", "--reason", "moved");
    assertThat(refunded.out()).containsPattern("back +2.00 EUR, refund, asked: moved");
    assertThat(asked(RefundPaymentRequest.class).getAmountMicros()).isEqualTo(2_000_000);
  }
}
