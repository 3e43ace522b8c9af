package dev.skep.cli;

import com.google.protobuf.Timestamp;
import dev.skep.v1.GetPaymentRequest;
import dev.skep.v1.GetPaymentResponse;
import dev.skep.v1.ListPaymentsRequest;
import dev.skep.v1.ListPaymentsResponse;
import dev.skep.v1.Payment;
import dev.skep.v1.PaymentProvider;
import dev.skep.v1.PaymentReversal;
import dev.skep.v1.PaymentReversalKind;
import dev.skep.v1.PaymentReversalState;
import dev.skep.v1.PaymentState;
import dev.skep.v1.PaymentsServiceGrpc;
import dev.skep.v1.RecordPaymentRequest;
import dev.skep.v1.RecordPaymentResponse;
import dev.skep.v1.RefundPaymentRequest;
import dev.skep.v1.RefundPaymentResponse;
import dev.skep.v1.StartTopUpRequest;
import dev.skep.v1.StartTopUpResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A payment that is pending when it begins, and paid when it is read for the second time. */
final class FakePayments extends PaymentsServiceGrpc.PaymentsServiceImplBase {
  private static final Payment PENDING =
      Payment.newBuilder()
          .setId("01900000-0000-7000-8000-000000000001")
          .setProvider(PaymentProvider.PAYMENT_PROVIDER_STRIPE)
          .setState(PaymentState.PAYMENT_STATE_PENDING)
          .setAmountMicros(12_500_000)
          .setCurrency("EUR")
          .setReference("cs_1")
          .setPayUrl("https://checkout.example.org/cs_1")
          .setCreateTime(Timestamp.newBuilder().setSeconds(1_900_000_000))
          .build();

  private final List<Object> requests;

  FakePayments(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, T response, StreamObserver<T> observer) {
    requests.add(request);
    observer.onNext(response);
    observer.onCompleted();
  }

  private static Payment in(PaymentState state) {
    return PENDING.toBuilder().setState(state).clearPayUrl().build();
  }

  @Override
  public void startTopUp(StartTopUpRequest request, StreamObserver<StartTopUpResponse> response) {
    answer(request, StartTopUpResponse.newBuilder().setPayment(PENDING).build(), response);
  }

  @Override
  public void listPayments(
      ListPaymentsRequest request, StreamObserver<ListPaymentsResponse> response) {
    var back =
        in(PaymentState.PAYMENT_STATE_CHARGED_BACK).toBuilder().setChargedBackMicros(12_500_000);
    answer(request, ListPaymentsResponse.newBuilder().addPayments(back).build(), response);
  }

  @Override
  public void getPayment(GetPaymentRequest request, StreamObserver<GetPaymentResponse> response) {
    boolean again = requests.stream().anyMatch(GetPaymentRequest.class::isInstance);
    var payment =
        request.getPayment().equals("failed")
            ? in(PaymentState.PAYMENT_STATE_FAILED).toBuilder().setFailure("no money").build()
            : again ? in(PaymentState.PAYMENT_STATE_PAID) : PENDING;
    answer(request, GetPaymentResponse.newBuilder().setPayment(payment).build(), response);
  }

  @Override
  public void recordPayment(
      RecordPaymentRequest request, StreamObserver<RecordPaymentResponse> response) {
    var recorded =
        in(PaymentState.PAYMENT_STATE_PAID).toBuilder()
            .setProvider(PaymentProvider.PAYMENT_PROVIDER_MANUAL);
    answer(request, RecordPaymentResponse.newBuilder().setPayment(recorded).build(), response);
  }

  @Override
  public void refundPayment(
      RefundPaymentRequest request, StreamObserver<RefundPaymentResponse> response) {
    var back =
        PaymentReversal.newBuilder()
            .setKind(PaymentReversalKind.PAYMENT_REVERSAL_KIND_REFUND)
            .setState(PaymentReversalState.PAYMENT_REVERSAL_STATE_ASKED)
            .setAmountMicros(2_000_000)
            .setReason("moved");
    var payment = in(PaymentState.PAYMENT_STATE_PAID).toBuilder().addReversals(back);
    answer(request, RefundPaymentResponse.newBuilder().setPayment(payment).build(), response);
  }
}
