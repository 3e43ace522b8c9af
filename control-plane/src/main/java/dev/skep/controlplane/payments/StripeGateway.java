package dev.skep.controlplane.payments;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.AuthenticationException;
import com.stripe.exception.IdempotencyException;
import com.stripe.exception.RateLimitException;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.exception.StripeException;
import com.stripe.model.Dispute;
import com.stripe.model.PaymentIntent;
import com.stripe.model.Refund;
import com.stripe.model.checkout.Session;
import com.stripe.net.RequestOptions;
import com.stripe.net.Webhook;
import com.stripe.param.DisputeListParams;
import com.stripe.param.RefundCreateParams;
import com.stripe.param.RefundListParams;
import com.stripe.param.checkout.SessionCreateParams;
import com.stripe.param.checkout.SessionListParams;
import com.stripe.param.checkout.SessionRetrieveParams;
import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Stripe: a Checkout session for each payment. */
final class StripeGateway implements PaymentGateway {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 6_000;

  /** An older event may be a recorded one that somebody plays again. */
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** Stripe takes 30 minutes to 24 hours. */
  private static final Duration OPEN = Duration.ofHours(23);

  private static final long MOST = 100;
  private static final int CONFLICT = 409;
  private static final int SERVER_ERROR = 500;
  private static final String OUR_REFUND = "skep_refund";

  /** Amounts are whole units. */
  private static final Set<String> NO_DIGITS =
      Set.of(
          "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
          "XOF", "XPF");

  /** Have no coins, and two digits all the same. */
  private static final Set<String> TWO_DIGITS_OF_WHOLE_UNITS = Set.of("ISK", "UGX");

  /** Three digits, of which Stripe wants the last to be 0. */
  private static final Set<String> THREE_DIGITS_OF_TENS = Set.of("BHD", "JOD", "KWD", "OMR", "TND");

  /** Of disputes that took no money, or gave it back. */
  private static final Set<String> HARMLESS =
      Set.of(
          "won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed");

  private final StripeClient client;
  private final PaymentSettings.Stripe settings;
  private final URI comeBack;
  private final Clock clock;
  private final ProviderCalls calls = new ProviderCalls(Provider.STRIPE, StripeGateway::translated);

  StripeGateway(PaymentSettings.Stripe settings, URI comeBack, Clock clock) {
    this.settings = settings;
    this.comeBack = comeBack;
    this.clock = clock;
    this.client =
        new StripeClient.StripeClientBuilder()
            .setApiKey(settings.secretKey())
            .setApiBase(settings.url().toString())
            .setConnectTimeout(CONNECT_MILLIS)
            .setReadTimeout(READ_MILLIS)
            .setMaxNetworkRetries(0)
            .build();
  }

  @Override
  public Provider provider() {
    return Provider.STRIPE;
  }

  @Override
  public Coin coin(String currency) {
    if (NO_DIGITS.contains(currency)) {
      return new Coin(0);
    }
    if (THREE_DIGITS_OF_TENS.contains(currency)) {
      return new Coin(3, 10);
    }
    return TWO_DIGITS_OF_WHOLE_UNITS.contains(currency) ? new Coin(2, 100) : new Coin(2);
  }

  @Override
  public Opened open(UUID payment, Money amount, String organization) {
    Instant until = clock.instant().plus(OPEN);
    Session session =
        calls.call(
            () ->
                client
                    .v1()
                    .checkout()
                    .sessions()
                    .create(checkout(payment, amount, organization, until), once(payment)));
    return new Opened(session.getId(), session.getUrl(), until);
  }

  private SessionCreateParams checkout(
      UUID payment, Money amount, String organization, Instant until) {
    var price =
        SessionCreateParams.LineItem.PriceData.builder()
            .setCurrency(amount.currency().toLowerCase(Locale.ROOT))
            .setUnitAmount(coin(amount.currency()).count(amount.micros()))
            .setProductData(
                SessionCreateParams.LineItem.PriceData.ProductData.builder()
                    .setName("Credit for " + organization)
                    .build())
            .build();
    return SessionCreateParams.builder()
        .setMode(SessionCreateParams.Mode.PAYMENT)
        .setClientReferenceId(payment.toString())
        .setSuccessUrl(comeBack.toString())
        .setCancelUrl(comeBack.toString())
        .setExpiresAt(until.getEpochSecond())
        .addLineItem(
            SessionCreateParams.LineItem.builder().setQuantity(1L).setPriceData(price).build())
        .build();
  }

  @Override
  public Seen look(Payment payment) {
    Session session =
        calls.call(
            () ->
                client
                    .v1()
                    .checkout()
                    .sessions()
                    .retrieve(
                        payment.reference(),
                        SessionRetrieveParams.builder().addExpand("payment_intent").build()));
    String intent = session.getPaymentIntent();
    if ("paid".equals(session.getPaymentStatus()) && intent != null) {
      return Seen.paid(
          intent, money(session.getAmountTotal(), session.getCurrency()), backs(intent));
    }
    if ("expired".equals(session.getStatus())) {
      return Seen.gone();
    }
    return "complete".equals(session.getStatus()) && failed(session.getPaymentIntentObject())
        ? Seen.failed("Stripe did not get the money")
        : Seen.open();
  }

  private static boolean failed(@Nullable PaymentIntent intent) {
    return intent != null
        && Set.of("requires_payment_method", "canceled").contains(intent.getStatus());
  }

  private List<Seen.Back> backs(String intent) {
    List<Seen.Back> backs = new ArrayList<>();
    calls
        .call(
            () ->
                client
                    .v1()
                    .refunds()
                    .list(
                        RefundListParams.builder().setPaymentIntent(intent).setLimit(MOST).build()))
        .getData()
        .forEach(refund -> backs.add(back(refund)));
    calls
        .call(
            () ->
                client
                    .v1()
                    .disputes()
                    .list(
                        DisputeListParams.builder()
                            .setPaymentIntent(intent)
                            .setLimit(MOST)
                            .build()))
        .getData()
        .forEach(dispute -> backs.add(back(dispute)));
    return backs;
  }

  private Seen.Back back(Refund refund) {
    boolean came = !Set.of("failed", "canceled").contains(String.valueOf(refund.getStatus()));
    return new Seen.Back(
        refund.getId(),
        Reversal.Kind.REFUND,
        money(refund.getAmount(), refund.getCurrency()),
        came,
        ours(refund));
  }

  private static @Nullable UUID ours(Refund refund) {
    String id = refund.getMetadata() == null ? null : refund.getMetadata().get(OUR_REFUND);
    return id == null ? null : Ids.parse(id);
  }

  private Seen.Back back(Dispute dispute) {
    return new Seen.Back(
        dispute.getId(),
        Reversal.Kind.CHARGEBACK,
        money(dispute.getAmount(), dispute.getCurrency()),
        !HARMLESS.contains(dispute.getStatus()),
        null);
  }

  @Override
  public Seen.Back refund(Payment payment, Reversal reversal) {
    var params =
        RefundCreateParams.builder()
            .setPaymentIntent(payment.capture())
            .setAmount(coin(payment.amount().currency()).count(reversal.amount()))
            .putMetadata(OUR_REFUND, reversal.id().toString())
            .build();
    return back(calls.call(() -> client.v1().refunds().create(params, once(reversal.id()))));
  }

  @Override
  public Notice read(byte[] body, UnaryOperator<String> header) {
    String text = new String(body, StandardCharsets.UTF_8);
    try {
      var _ =
          Webhook.Signature.verifyHeader(
              text,
              header.apply("stripe-signature"),
              settings.webhookSecret(),
              TOLERANCE.toSeconds(),
              clock);
    } catch (SignatureVerificationException e) {
      throw new Refusal(Reason.SIGNATURE_REFUSED, "this is not signed by Stripe, or is too old");
    }
    try {
      JsonObject event = JsonParser.parseString(text).getAsJsonObject();
      return notice(
          event.get("id").getAsString(), event.getAsJsonObject("data").getAsJsonObject("object"));
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "body", "is not an event of Stripe");
    }
  }

  /** What it says is asked for again; it counts what it is about. */
  private static Notice notice(String event, JsonObject object) {
    return switch (text(object, "object").orElse("")) {
      case "checkout.session" -> new Notice(event, text(object, "id"), Optional.empty(), List.of());
      case "payment_intent" -> new Notice(event, Optional.empty(), text(object, "id"), List.of());
      case "charge", "refund", "dispute" ->
          new Notice(event, Optional.empty(), text(object, "payment_intent"), List.of());
      default -> Notice.aboutNothing(event);
    };
  }

  private static Optional<String> text(JsonObject object, String name) {
    return Optional.ofNullable(object.get(name))
        .filter(JsonElement::isJsonPrimitive)
        .map(JsonElement::getAsString);
  }

  @Override
  public Optional<String> referenceOf(String capture) {
    return calls
        .call(
            () ->
                client
                    .v1()
                    .checkout()
                    .sessions()
                    .list(SessionListParams.builder().setPaymentIntent(capture).build()))
        .getData()
        .stream()
        .map(Session::getId)
        .findFirst();
  }

  private Money money(Long count, String currency) {
    String upper = currency.toUpperCase(Locale.ROOT);
    return coin(upper).money(count, upper);
  }

  private static RequestOptions once(UUID id) {
    return RequestOptions.builder().setIdempotencyKey("skep-" + id).build();
  }

  private static RuntimeException translated(Exception failure) {
    if (!(failure instanceof StripeException stripe)) {
      return new ProviderCalls.Unreachable(failure.getClass().getSimpleName(), failure);
    }
    int status = stripe.getStatusCode() == null ? 0 : stripe.getStatusCode();
    boolean unknown =
        switch (stripe) {
          case ApiConnectionException e -> true;
          case RateLimitException e -> true;
          case AuthenticationException e -> true;
          case IdempotencyException e -> true;
          default -> status >= SERVER_ERROR || status == CONFLICT || status == 0;
        };
    return unknown
        ? new ProviderCalls.Unreachable(stripe.getClass().getSimpleName() + " " + status, stripe)
        : new ProviderRefused(status, String.valueOf(stripe.getMessage()));
  }
}
