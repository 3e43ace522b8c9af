package dev.skep.controlplane.payments;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import dev.skep.controlplane.kernel.Money;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Stripe's Checkout sessions, refunds, disputes and signed events. */
public final class StripeStandIn extends ProviderStandIn {
  private static final String KEY = "sk_test_of_the_stand_in";
  static final String WEBHOOK_SECRET = "whsec_of_the_stand_in";

  private final Map<String, JsonObject> sessions = new ConcurrentHashMap<>();
  private final Map<String, JsonObject> refunds = new ConcurrentHashMap<>();
  private final Map<String, JsonObject> disputes = new ConcurrentHashMap<>();

  @Override
  Provider provider() {
    return Provider.STRIPE;
  }

  @Override
  public PaymentSettings settings() {
    return new PaymentSettings(
        Optional.of(new PaymentSettings.Stripe(url(), KEY, WEBHOOK_SECRET)),
        Optional.empty(),
        URI.create("https://skep.example.org/paid"));
  }

  @Override
  String keyHeader() {
    return "Idempotency-Key";
  }

  @Override
  Answer error(int status, String message) {
    return new Answer(
        status,
        json(
            "{\"error\": {\"type\": \"%s\", \"message\": \"%s\"}}"
                .formatted(status < 500 ? "invalid_request_error" : "api_error", message)));
  }

  @Override
  Answer answer(HttpExchange exchange, Call call) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (!("Bearer " + KEY).equals(authorization)) {
      return error(401, "Invalid API Key provided");
    }
    String intent = call.query().getOrDefault("payment_intent", "");
    return switch (call.method() + " " + call.path()) {
      case "POST /v1/checkout/sessions" -> create(form(call.body()));
      case "GET /v1/checkout/sessions" -> list(sessions, intent);
      case "GET /v1/refunds" -> list(refunds, intent);
      case "GET /v1/disputes" -> list(disputes, intent);
      case "POST /v1/refunds" -> refund(form(call.body()));
      default -> get(call.path().replace("/v1/checkout/sessions/", ""));
    };
  }

  private Answer create(Map<String, String> asked) {
    long amount = Long.parseLong(asked.get("line_items[0][price_data][unit_amount]"));
    if (amount < 50) {
      return error(400, "The Checkout Session's total amount must be at least 0.50");
    }
    String id = number("cs_test_");
    JsonObject session = new JsonObject();
    session.addProperty("id", id);
    session.addProperty("object", "checkout.session");
    session.addProperty("amount_total", amount);
    session.addProperty("currency", asked.get("line_items[0][price_data][currency]"));
    session.addProperty("client_reference_id", asked.get("client_reference_id"));
    session.addProperty("mode", asked.get("mode"));
    session.addProperty("status", "open");
    session.addProperty("payment_status", "unpaid");
    session.add("payment_intent", JsonNull.INSTANCE);
    session.addProperty("expires_at", Long.parseLong(asked.get("expires_at")));
    session.addProperty("url", "https://checkout.stripe.com/c/pay/" + id);
    sessions.put(id, session);
    return new Answer(200, session);
  }

  private Answer get(String id) {
    JsonObject session = sessions.get(id);
    return session == null
        ? error(404, "No such checkout.session")
        : new Answer(200, expanded(session));
  }

  /** As with expand[]=payment_intent. */
  private static JsonObject expanded(JsonObject session) {
    JsonObject copy = session.deepCopy();
    if (!copy.get("payment_intent").isJsonNull()) {
      JsonObject intent = new JsonObject();
      intent.add("id", copy.get("payment_intent"));
      intent.addProperty("object", "payment_intent");
      intent.addProperty("status", "succeeded");
      copy.add("payment_intent", intent);
    }
    return copy;
  }

  private static Answer list(Map<String, JsonObject> objects, String intent) {
    JsonArray data = new JsonArray();
    objects.values().stream()
        .filter(object -> object.get("payment_intent").toString().equals("\"" + intent + "\""))
        .forEach(data::add);
    JsonObject list = new JsonObject();
    list.addProperty("object", "list");
    list.addProperty("has_more", false);
    list.add("data", data);
    return new Answer(200, list);
  }

  private Answer refund(Map<String, String> asked) {
    refundCalls.incrementAndGet();
    if (refusesRefunds()) {
      return error(400, "This charge cannot be refunded");
    }
    JsonObject refund =
        money(
            number("re_"),
            "refund",
            java.util.Objects.requireNonNull(asked.get("payment_intent")),
            Long.parseLong(asked.get("amount")));
    JsonObject metadata = new JsonObject();
    metadata.addProperty("skep_refund", asked.get("metadata[skep_refund]"));
    refund.add("metadata", metadata);
    refund.addProperty("status", "succeeded");
    refunds.put(refund.get("id").getAsString(), refund);
    return new Answer(200, refund);
  }

  private JsonObject money(String id, String type, String intent, long amount) {
    JsonObject object = new JsonObject();
    object.addProperty("id", id);
    object.addProperty("object", type);
    object.addProperty("amount", amount);
    object.addProperty(
        "currency",
        sessions.values().stream()
            .filter(session -> session.get("payment_intent").toString().contains(intent))
            .map(session -> session.get("currency").getAsString())
            .findFirst()
            .orElseThrow());
    object.addProperty("payment_intent", intent);
    return object;
  }

  @Override
  public void pay(String reference) {
    JsonObject session = session(reference);
    session.addProperty("status", "complete");
    session.addProperty("payment_status", "paid");
    session.addProperty("payment_intent", number("pi_"));
  }

  @Override
  void payWrong(String reference, Money amount) {
    pay(reference);
    session(reference).addProperty("amount_total", cents(amount));
    session(reference).addProperty("currency", amount.currency().toLowerCase(Locale.ROOT));
  }

  @Override
  void expire(String reference) {
    session(reference).addProperty("status", "expired");
  }

  private JsonObject session(String reference) {
    return java.util.Objects.requireNonNull(sessions.get(reference));
  }

  private String intent(String reference) {
    return session(reference).get("payment_intent").getAsString();
  }

  private static long cents(Money amount) {
    return amount.micros() / 10_000;
  }

  @Override
  public Event paidEvent(String reference) {
    return event("checkout.session.completed", session(reference));
  }

  @Override
  Event refundThere(String reference, Money amount) {
    JsonObject refund = money(number("re_"), "refund", intent(reference), cents(amount));
    refund.add("metadata", new JsonObject());
    refund.addProperty("status", "succeeded");
    refunds.put(refund.get("id").getAsString(), refund);
    return charge(reference);
  }

  /** Says no more than that something of the charge went back. */
  private Event charge(String reference) {
    JsonObject charge = money(number("ch_"), "charge", intent(reference), 0);
    charge.addProperty("refunded", true);
    return event("charge.refunded", charge);
  }

  @Override
  Event ourRefundEvent(String reference) {
    return charge(reference);
  }

  @Override
  Event chargeBack(String reference, Money amount) {
    JsonObject dispute = money(number("dp_"), "dispute", intent(reference), cents(amount));
    dispute.addProperty("status", "needs_response");
    disputes.put(dispute.get("id").getAsString(), dispute);
    return event("charge.dispute.funds_withdrawn", dispute);
  }

  /** The dispute is decided for us. */
  Event win(String reference) {
    return event("charge.dispute.funds_reinstated", become(disputes, reference, "won"));
  }

  /** The refund comes to nothing. */
  Event failRefund(String reference) {
    return event("refund.failed", become(refunds, reference, "failed"));
  }

  private JsonObject become(Map<String, JsonObject> objects, String reference, String status) {
    JsonObject object =
        objects.values().stream()
            .filter(one -> one.get("payment_intent").getAsString().equals(intent(reference)))
            .findFirst()
            .orElseThrow();
    object.addProperty("status", status);
    return object;
  }

  private static Event event(String type, JsonObject object) {
    JsonObject data = new JsonObject();
    data.add("object", object);
    JsonObject event = new JsonObject();
    event.addProperty("id", number("evt_"));
    event.addProperty("object", "event");
    event.addProperty("type", type);
    event.add("data", data);
    return signed(event.toString(), WEBHOOK_SECRET, Instant.now());
  }

  static Event signed(String body, String secret, Instant at) {
    long time = at.getEpochSecond();
    String header = "t=" + time + ",v1=" + hmac(secret, time + "." + body);
    return new Event(body.getBytes(StandardCharsets.UTF_8), Map.of("stripe-signature", header));
  }

  private static String hmac(String secret, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
