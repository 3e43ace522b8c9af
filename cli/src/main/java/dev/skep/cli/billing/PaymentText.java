package dev.skep.cli.billing;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.v1.Payment;
import dev.skep.v1.PaymentProvider;
import dev.skep.v1.PaymentReversal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Payments as people read them. */
final class PaymentText {
  private PaymentText() {}

  /** The provider that a person named. */
  static PaymentProvider provider(@Nullable String word) {
    if (word == null) {
      return PaymentProvider.PAYMENT_PROVIDER_UNSPECIFIED;
    }
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "stripe" -> PaymentProvider.PAYMENT_PROVIDER_STRIPE;
      case "paypal" -> PaymentProvider.PAYMENT_PROVIDER_PAYPAL;
      default -> throw CliException.usage("'" + word + "' is no provider", "use stripe or paypal");
    };
  }

  static String payHere(Payment payment) {
    return "pay %s at %s%nskep billing payments show %s says when it is there%n"
        .formatted(
            MoneyText.exact(payment.getAmountMicros(), payment.getCurrency()),
            payment.getPayUrl(),
            payment.getId());
  }

  static Table table(List<Payment> payments) {
    var table = Table.of("TIME", "ID", "BY", "STATE", "AMOUNT", "BACK");
    payments.forEach(
        payment ->
            table.row(
                MoneyText.time(payment.getCreateTime()),
                payment.getId(),
                by(payment),
                state(payment),
                MoneyText.exact(payment.getAmountMicros(), payment.getCurrency()),
                MoneyText.exact(payment.getRefundedMicros() + payment.getChargedBackMicros())));
    return table;
  }

  static String payment(Payment payment) {
    var text = new StringBuilder();
    line(text, "payment", payment.getId());
    line(text, "amount", MoneyText.exact(payment.getAmountMicros(), payment.getCurrency()));
    line(text, "state", state(payment) + why(payment));
    line(text, "by", by(payment) + ", " + payment.getReference());
    if (!payment.getPayUrl().isEmpty()) {
      line(text, "pay at", payment.getPayUrl());
    }
    payment.getReversalsList().forEach(reversal -> line(text, "back", back(payment, reversal)));
    return text.toString();
  }

  /** What is wrong, after a colon; empty when nothing is. */
  static String why(Payment payment) {
    return payment.getFailure().isEmpty() ? "" : ": " + payment.getFailure();
  }

  private static String back(Payment payment, PaymentReversal reversal) {
    return "%s, %s, %s%s"
        .formatted(
            MoneyText.exact(reversal.getAmountMicros(), payment.getCurrency()),
            Humans.word(reversal.getKind(), "PAYMENT_REVERSAL_KIND_"),
            Humans.word(reversal.getState(), "PAYMENT_REVERSAL_STATE_"),
            reversal.getReason().isEmpty() ? "" : ": " + reversal.getReason());
  }

  private static String by(Payment payment) {
    return payment.getProvider() == PaymentProvider.PAYMENT_PROVIDER_MANUAL
        ? "hand"
        : Humans.word(payment.getProvider(), "PAYMENT_PROVIDER_");
  }

  private static String state(Payment payment) {
    return Humans.word(payment.getState(), "PAYMENT_STATE_").replace('_', ' ');
  }

  private static void line(StringBuilder text, String word, String value) {
    text.append("%-12s %s%n".formatted(word, value));
  }
}
