package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.GetPaymentRequest;
import dev.skep.v1.GetPaymentResponse;
import dev.skep.v1.ListPaymentsRequest;
import dev.skep.v1.ListPaymentsResponse;
import dev.skep.v1.PaymentProvider;
import dev.skep.v1.PaymentsServiceGrpc;
import dev.skep.v1.RecordPaymentRequest;
import dev.skep.v1.RecordPaymentResponse;
import dev.skep.v1.RefundPaymentRequest;
import dev.skep.v1.RefundPaymentResponse;
import dev.skep.v1.StartTopUpRequest;
import dev.skep.v1.StartTopUpResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The payments API; always about the organization of the call. */
final class PaymentsApi extends PaymentsServiceGrpc.PaymentsServiceImplBase {
  private static final int LONGEST_REFERENCE = 200;
  private static final int LONGEST_REASON = 300;
  private static final UUID NEWEST = UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");

  private final PaymentsService payments;

  PaymentsApi(PaymentsService payments) {
    this.payments = payments;
  }

  @Override
  public void startTopUp(StartTopUpRequest request, StreamObserver<StartTopUpResponse> response) {
    Calls.answer(
        response,
        () ->
            StartTopUpResponse.newBuilder()
                .setPayment(
                    PaymentProtos.payment(
                        payments.start(
                            asker(),
                            provider(request.getProvider()),
                            new Money(request.getAmountMicros(), request.getCurrency()))))
                .build());
  }

  private static Optional<Provider> provider(PaymentProvider provider) {
    return switch (provider) {
      case PAYMENT_PROVIDER_UNSPECIFIED -> Optional.empty();
      case PAYMENT_PROVIDER_STRIPE -> Optional.of(Provider.STRIPE);
      case PAYMENT_PROVIDER_PAYPAL -> Optional.of(Provider.PAYPAL);
      case PAYMENT_PROVIDER_MANUAL, UNRECOGNIZED ->
          throw Refusal.ofField(
              Reason.INVALID_FIELD, "provider", "must be that of Stripe or PayPal");
    };
  }

  @Override
  public void listPayments(
      ListPaymentsRequest request, StreamObserver<ListPaymentsResponse> response) {
    Calls.answer(response, () -> list(request));
  }

  private ListPaymentsResponse list(ListPaymentsRequest request) {
    int size = Paging.size(request.getPageSize());
    String before = Paging.id(request.getPageToken());
    List<Payment> rows =
        payments.list(
            organization(), before.isEmpty() ? NEWEST : UUID.fromString(before), size + 1);
    Page<Payment> page = Paging.page(rows, size, payment -> payment.id().toString());
    return ListPaymentsResponse.newBuilder()
        .addAllPayments(page.items().stream().map(PaymentProtos::payment).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  @Override
  public void getPayment(GetPaymentRequest request, StreamObserver<GetPaymentResponse> response) {
    Calls.answer(
        response,
        () ->
            GetPaymentResponse.newBuilder()
                .setPayment(
                    PaymentProtos.whole(payments.get(organization(), id(request.getPayment()))))
                .build());
  }

  @Override
  public void recordPayment(
      RecordPaymentRequest request, StreamObserver<RecordPaymentResponse> response) {
    Calls.answer(
        response,
        () -> {
          String reference = request.getReference().strip();
          if (reference.isEmpty() || reference.length() > LONGEST_REFERENCE) {
            throw Refusal.ofField(
                Reason.INVALID_FIELD,
                "reference",
                "must be 1 to " + LONGEST_REFERENCE + " characters");
          }
          Money amount = new Money(request.getAmountMicros(), request.getCurrency());
          return RecordPaymentResponse.newBuilder()
              .setPayment(PaymentProtos.payment(payments.record(asker(), reference, amount)))
              .build();
        });
  }

  @Override
  public void refundPayment(
      RefundPaymentRequest request, StreamObserver<RefundPaymentResponse> response) {
    Calls.answer(
        response,
        () ->
            RefundPaymentResponse.newBuilder()
                .setPayment(PaymentProtos.whole(refund(request)))
                .build());
  }

  private PaymentsService.Whole refund(RefundPaymentRequest request) {
    String reason = request.getReason().strip();
    Refusal.ifAny(
        reason.length() > LONGEST_REASON
            ? List.of(
                new FieldViolation("reason", "must be up to " + LONGEST_REASON + " characters"))
            : List.of());
    if (request.getAmountMicros() < 0) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "amount_micros", "must be more than 0");
    }
    Long micros = request.getAmountMicros() == 0 ? null : request.getAmountMicros();
    return payments.refund(asker(), id(request.getPayment()), micros, reason);
  }

  private static UUID id(String text) {
    if (!Paging.ID.matcher(text).matches()) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "payment", "must be an id as ListPayments shows them");
    }
    return UUID.fromString(text);
  }

  private static PaymentsService.Asker asker() {
    Caller caller = Calls.caller();
    return new PaymentsService.Asker(organization(), caller.organizationName(), caller.userName());
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
