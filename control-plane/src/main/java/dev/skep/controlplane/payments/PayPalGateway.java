package dev.skep.controlplane.payments;

import com.paypal.sdk.Environment;
import com.paypal.sdk.PaypalServerSdkClient;
import com.paypal.sdk.authentication.ClientCredentialsAuthModel;
import com.paypal.sdk.exceptions.ApiException;
import com.paypal.sdk.models.AmountWithBreakdown;
import com.paypal.sdk.models.CaptureOrderInput;
import com.paypal.sdk.models.CaptureStatus;
import com.paypal.sdk.models.CheckoutPaymentIntent;
import com.paypal.sdk.models.CreateOrderInput;
import com.paypal.sdk.models.GetCapturedPaymentInput;
import com.paypal.sdk.models.GetOrderInput;
import com.paypal.sdk.models.LinkDescription;
import com.paypal.sdk.models.Order;
import com.paypal.sdk.models.OrderRequest;
import com.paypal.sdk.models.OrderStatus;
import com.paypal.sdk.models.OrdersCapture;
import com.paypal.sdk.models.PaymentCollection;
import com.paypal.sdk.models.PaymentSource;
import com.paypal.sdk.models.PaypalExperienceUserAction;
import com.paypal.sdk.models.PaypalWallet;
import com.paypal.sdk.models.PaypalWalletContextShippingPreference;
import com.paypal.sdk.models.PaypalWalletExperienceContext;
import com.paypal.sdk.models.PurchaseUnit;
import com.paypal.sdk.models.PurchaseUnitRequest;
import com.paypal.sdk.models.Refund;
import com.paypal.sdk.models.RefundCapturedPaymentInput;
import com.paypal.sdk.models.RefundRequest;
import com.paypal.sdk.models.RefundStatus;
import dev.skep.controlplane.kernel.Money;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** PayPal: an order for each payment, whose money is taken once its payer has approved it. */
final class PayPalGateway implements PaymentGateway {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration WHOLE = Duration.ofSeconds(7);
  private static final Duration OPEN = Duration.ofDays(3);
  private static final String ALL_OF_IT = "return=representation";
  private static final int LONGEST_DESCRIPTION = 127;
  private static final Set<Integer> UNKNOWN = Set.of(401, 408, 409, 429);
  private static final int SERVER_ERROR = 500;
  private static final Set<String> NO_DIGITS = Set.of("HUF", "JPY", "TWD");
  private static final Set<String> TO_PAY = Set.of("payer-action", "approve");

  private final PaypalServerSdkClient client;
  private final PayPalEvents events;
  private final URI comeBack;
  private final InstantSource clock;
  private final ProviderCalls calls = new ProviderCalls(Provider.PAYPAL, PayPalGateway::translated);

  PayPalGateway(PaymentSettings.PayPal settings, URI comeBack, InstantSource clock) {
    this.comeBack = comeBack;
    this.clock = clock;
    OkHttpClient http =
        new OkHttpClient.Builder()
            .connectTimeout(CONNECT)
            .callTimeout(WHOLE)
            .followRedirects(false)
            .retryOnConnectionFailure(false)
            .build();
    this.events = new PayPalEvents(settings, http, calls, clock);
    OkHttpClient there = http.newBuilder().addInterceptor(to(settings.url())).build();
    this.client =
        new PaypalServerSdkClient.Builder()
            .environment(Environment.PRODUCTION)
            .clientCredentialsAuth(
                new ClientCredentialsAuthModel.Builder(settings.clientId(), settings.clientSecret())
                    .build())
            .httpClientConfig(config -> config.numberOfRetries(0).httpClientInstance(there, false))
            .build();
  }

  /** The library knows two addresses only. */
  private static Interceptor to(URI url) {
    HttpUrl base = HttpUrl.get(url.toString());
    return chain -> {
      HttpUrl asked = chain.request().url();
      HttpUrl there =
          asked.newBuilder().scheme(base.scheme()).host(base.host()).port(base.port()).build();
      return chain.proceed(chain.request().newBuilder().url(there).build());
    };
  }

  @Override
  public Provider provider() {
    return Provider.PAYPAL;
  }

  @Override
  public Coin coin(String currency) {
    return new Coin(NO_DIGITS.contains(currency) ? 0 : 2);
  }

  @Override
  public Opened open(UUID payment, Money amount, String organization) {
    var input =
        new CreateOrderInput.Builder(null, order(payment, amount, organization))
            .paypalRequestId("skep-" + payment)
            .prefer(ALL_OF_IT)
            .build();
    Order order = calls.call(() -> client.getOrdersController().createOrder(input).getResult());
    String url =
        order.getLinks().stream()
            .filter(link -> TO_PAY.contains(link.getRel()))
            .map(LinkDescription::getHref)
            .findFirst()
            .orElseThrow(() -> new ProviderRefused(0, "PayPal did not say where to pay"));
    return new Opened(order.getId(), url, clock.instant().plus(OPEN));
  }

  private OrderRequest order(UUID payment, Money amount, String organization) {
    String description = "Credit for " + organization;
    var unit =
        new PurchaseUnitRequest.Builder(
                new AmountWithBreakdown.Builder(
                        amount.currency(), coin(amount.currency()).decimal(amount.micros()))
                    .build())
            .customId(payment.toString())
            .description(
                description.substring(0, Math.min(description.length(), LONGEST_DESCRIPTION)))
            .build();
    var context =
        new PaypalWalletExperienceContext.Builder()
            .returnUrl(comeBack.toString())
            .cancelUrl(comeBack.toString())
            .userAction(PaypalExperienceUserAction.PAY_NOW)
            .shippingPreference(PaypalWalletContextShippingPreference.NO_SHIPPING)
            .build();
    return new OrderRequest.Builder(CheckoutPaymentIntent.CAPTURE, List.of(unit))
        .paymentSource(
            new PaymentSource.Builder()
                .paypal(new PaypalWallet.Builder().experienceContext(context).build())
                .build())
        .build();
  }

  @Override
  public Seen look(Payment payment) {
    Order order;
    try {
      var input = new GetOrderInput.Builder(payment.reference()).build();
      order = calls.call(() -> client.getOrdersController().getOrder(input).getResult());
    } catch (ProviderRefused e) {
      if (e.notFound()) {
        return Seen.gone(); // Orders that nobody paid are deleted there.
      }
      throw e;
    }
    if (order.getStatus() == OrderStatus.APPROVED) {
      return capture(payment, order);
    }
    return order.getStatus() == OrderStatus.VOIDED ? Seen.gone() : seen(order);
  }

  /** Takes the money, if it is what was asked. */
  private Seen capture(Payment payment, Order order) {
    var asked = unit(order).getAmount();
    Money amount = Coin.ofDecimal(asked.getValue(), asked.getCurrencyCode());
    if (!amount.equals(payment.amount())) {
      return Seen.paid(order.getId(), amount, List.of());
    }
    try {
      var input =
          new CaptureOrderInput.Builder(payment.reference(), null)
              .paypalRequestId("skep-capture-" + payment.id())
              .prefer(ALL_OF_IT)
              .build();
      return seen(calls.call(() -> client.getOrdersController().captureOrder(input).getResult()));
    } catch (ProviderRefused e) {
      return Seen.open(); // The payer may choose another source of money, or it was taken before.
    }
  }

  private static Seen seen(Order order) {
    PaymentCollection payments = unit(order).getPayments();
    List<OrdersCapture> captures = payments == null ? null : payments.getCaptures();
    if (captures == null || captures.isEmpty()) {
      return Seen.open();
    }
    for (OrdersCapture capture : captures) {
      if (isThere(capture.getStatus())) {
        return Seen.paid(capture.getId(), money(capture.getAmount()), backs(payments.getRefunds()));
      }
    }
    return captures.stream().anyMatch(capture -> capture.getStatus() == CaptureStatus.PENDING)
        ? Seen.open()
        : Seen.failed("PayPal did not get the money");
  }

  private static boolean isThere(CaptureStatus status) {
    return status == CaptureStatus.COMPLETED
        || status == CaptureStatus.REFUNDED
        || status == CaptureStatus.PARTIALLY_REFUNDED;
  }

  private static PurchaseUnit unit(Order order) {
    return order.getPurchaseUnits().getFirst();
  }

  private static List<Seen.Back> backs(@Nullable List<Refund> refunds) {
    return refunds == null ? List.of() : refunds.stream().map(PayPalGateway::back).toList();
  }

  private static Seen.Back back(Refund refund) {
    boolean came =
        refund.getStatus() != RefundStatus.FAILED && refund.getStatus() != RefundStatus.CANCELLED;
    return new Seen.Back(
        refund.getId(),
        Reversal.Kind.REFUND,
        money(refund.getAmount()),
        came,
        refund.getCustomId() == null ? null : Ids.parse(refund.getCustomId()));
  }

  @Override
  public Seen.Back refund(Payment payment, Reversal reversal) {
    Money back = new Money(reversal.amount(), payment.amount().currency());
    var input =
        new RefundCapturedPaymentInput.Builder(payment.capture(), null)
            .paypalRequestId("skep-refund-" + reversal.id())
            .prefer(ALL_OF_IT)
            .body(
                new RefundRequest.Builder()
                    .amount(
                        new com.paypal.sdk.models.Money(
                            back.currency(), coin(back.currency()).decimal(back.micros())))
                    .customId(reversal.id().toString())
                    .build())
            .build();
    Refund refund =
        calls.call(() -> client.getPaymentsController().refundCapturedPayment(input).getResult());
    return new Seen.Back(
        refund.getId(), Reversal.Kind.REFUND, back, back(refund).inForce(), reversal.id());
  }

  @Override
  public Notice read(byte[] body, UnaryOperator<String> header) {
    return events.read(body, header);
  }

  @Override
  public Optional<String> referenceOf(String capture) {
    try {
      var input = new GetCapturedPaymentInput.Builder(capture).build();
      var payment =
          calls.call(() -> client.getPaymentsController().getCapturedPayment(input).getResult());
      return Optional.ofNullable(payment.getSupplementaryData())
          .map(data -> data.getRelatedIds())
          .map(ids -> ids.getOrderId());
    } catch (ProviderRefused e) {
      return Optional.empty();
    }
  }

  private static Money money(com.paypal.sdk.models.Money money) {
    return Coin.ofDecimal(money.getValue(), money.getCurrencyCode());
  }

  private static RuntimeException translated(Exception failure) {
    if (!(failure instanceof ApiException answer)) {
      return new ProviderCalls.Unreachable(String.valueOf(failure), failure);
    }
    int status = answer.getResponseCode();
    return status >= SERVER_ERROR || status <= 0 || UNKNOWN.contains(status)
        ? new ProviderCalls.Unreachable("it answered " + status, answer)
        : new ProviderRefused(status, String.valueOf(answer.getMessage()));
  }
}
