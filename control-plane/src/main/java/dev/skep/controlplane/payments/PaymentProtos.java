package dev.skep.controlplane.payments;

import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.PaymentProvider;
import dev.skep.v1.PaymentReversal;
import dev.skep.v1.PaymentReversalKind;
import dev.skep.v1.PaymentReversalState;
import dev.skep.v1.PaymentState;

/** Payments as the API shows them. */
final class PaymentProtos {
  private PaymentProtos() {}

  static dev.skep.v1.Payment payment(Payment payment) {
    return builder(payment).build();
  }

  static dev.skep.v1.Payment whole(PaymentsService.Whole whole) {
    return builder(whole.payment())
        .addAllReversals(whole.reversals().stream().map(PaymentProtos::reversal).toList())
        .build();
  }

  private static dev.skep.v1.Payment.Builder builder(Payment payment) {
    var builder =
        dev.skep.v1.Payment.newBuilder()
            .setId(payment.id().toString())
            .setProvider(PaymentProvider.valueOf("PAYMENT_PROVIDER_" + payment.provider()))
            .setState(PaymentState.valueOf("PAYMENT_STATE_" + payment.state()))
            .setAmountMicros(payment.amount().micros())
            .setCurrency(payment.amount().currency())
            .setRefundedMicros(payment.refunded())
            .setChargedBackMicros(payment.chargedBack())
            .setReference(payment.reference())
            .setFailure(payment.failure())
            .setAuthor(payment.author())
            .setCreateTime(Paging.timestamp(payment.createdAt()));
    if (payment.state() == Payment.State.PENDING) {
      builder.setPayUrl(payment.url());
    }
    if (payment.paidAt() != null) {
      builder.setPaidTime(Paging.timestamp(payment.paidAt()));
    }
    if (payment.expiresAt() != null && payment.provider() != Provider.MANUAL) {
      builder.setExpireTime(Paging.timestamp(payment.expiresAt()));
    }
    return builder;
  }

  private static PaymentReversal reversal(Reversal reversal) {
    return PaymentReversal.newBuilder()
        .setId(reversal.id().toString())
        .setKind(PaymentReversalKind.valueOf("PAYMENT_REVERSAL_KIND_" + reversal.kind()))
        .setState(PaymentReversalState.valueOf("PAYMENT_REVERSAL_STATE_" + reversal.state()))
        .setAmountMicros(reversal.amount())
        .setReference(reversal.reference() == null ? "" : reversal.reference())
        .setReason(reversal.reason())
        .setAuthor(reversal.author())
        .setCreateTime(Paging.timestamp(reversal.createdAt()))
        .build();
  }
}
