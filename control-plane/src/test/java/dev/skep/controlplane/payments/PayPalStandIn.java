package dev.skep.controlplane.payments;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import dev.skep.controlplane.kernel.Money;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** PayPal's orders, captures, refunds, certificates and signed events. */
public final class PayPalStandIn extends ProviderStandIn {
  static final String CLIENT = "client-of-the-stand-in";
  static final String SECRET = "secret-of-the-stand-in";
  static final String WEBHOOK = "WH-OF-THE-STAND-IN";
  private static final String TOKEN = "A21AA-of-the-stand-in";
  private static final String CERTIFICATE = "/v1/notifications/certs/CERT-1";

  private final Map<String, JsonObject> orders = new ConcurrentHashMap<>();
  private final KeyPair key = key();
  private final String pem = pem(key);

  @Override
  Provider provider() {
    return Provider.PAYPAL;
  }

  @Override
  public PaymentSettings settings() {
    return new PaymentSettings(
        Optional.empty(),
        Optional.of(new PaymentSettings.PayPal(url(), CLIENT, SECRET, WEBHOOK)),
        URI.create("https://skep.example.org/paid"));
  }

  @Override
  String keyHeader() {
    return "PayPal-Request-Id";
  }

  @Override
  Answer error(int status, String message) {
    return new Answer(
        status, json("{\"name\": \"%s\", \"message\": \"%s\"}".formatted("ERROR", message)));
  }

  @Override
  Answer answer(HttpExchange exchange, Call call) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (call.path().equals(CERTIFICATE)) {
      JsonObject body = new JsonObject();
      body.addProperty("pem", pem);
      return new Answer(200, body);
    }
    if (call.path().equals("/v1/oauth2/token")) {
      return token(authorization);
    }
    if (!("Bearer " + TOKEN).equals(authorization)) {
      return error(401, "Token signature verification failed");
    }
    String[] path = call.path().split("/", -1);
    String id = path.length > 4 ? path[4] : "";
    if (call.path().startsWith("/v2/payments/captures/")) {
      return path.length == 6 ? refund(id, json(call.body())) : capture(id);
    }
    if (id.isEmpty()) {
      return create(json(call.body()));
    }
    return path.length == 6 ? take(id) : get(id);
  }

  private Answer token(String authorization) {
    String basic =
        Base64.getEncoder()
            .encodeToString((CLIENT + ":" + SECRET).getBytes(StandardCharsets.UTF_8));
    return ("Basic " + basic).equals(authorization)
        ? new Answer(
            200,
            json(
                "{\"access_token\": \"%s\", \"token_type\": \"Bearer\", \"expires_in\": 31668}"
                    .formatted(TOKEN)))
        : error(401, "Client Authentication failed");
  }

  private Answer create(JsonObject asked) {
    JsonObject unit = asked.getAsJsonArray("purchase_units").get(0).getAsJsonObject();
    BigDecimal value = new BigDecimal(unit.getAsJsonObject("amount").get("value").getAsString());
    if (value.compareTo(new BigDecimal("0.50")) < 0) {
      return error(422, "The requested action could not be performed");
    }
    String id = number("5O19012");
    JsonObject order = new JsonObject();
    order.addProperty("id", id);
    order.addProperty("status", "PAYER_ACTION_REQUIRED");
    order.add("intent", asked.get("intent"));
    order.add("purchase_units", asked.get("purchase_units").deepCopy());
    JsonArray links = new JsonArray();
    links.add(link("payer-action", "https://www.paypal.com/checkoutnow?token=" + id));
    order.add("links", links);
    orders.put(id, order);
    return new Answer(200, order);
  }

  private Answer get(String id) {
    JsonObject order = orders.get(id);
    return order == null
        ? error(404, "The specified resource does not exist.")
        : new Answer(200, order);
  }

  private Answer take(String id) {
    JsonObject order = order(id);
    if (!order.get("status").getAsString().equals("APPROVED")) {
      return error(422, "Order already captured, or not approved");
    }
    order.addProperty("status", "COMPLETED");
    JsonObject capture = new JsonObject();
    capture.addProperty("id", number("3C67936"));
    capture.addProperty("status", "COMPLETED");
    capture.add("amount", unit(order).get("amount").deepCopy());
    capture.add("custom_id", unit(order).get("custom_id"));
    JsonArray captures = new JsonArray();
    captures.add(capture);
    JsonObject payments = new JsonObject();
    payments.add("captures", captures);
    unit(order).add("payments", payments);
    return new Answer(201, order);
  }

  private Answer capture(String id) {
    for (var order : orders.entrySet()) {
      JsonObject payments = unit(order.getValue()).getAsJsonObject("payments");
      if (payments != null && theCapture(payments).get("id").getAsString().equals(id)) {
        JsonObject capture = theCapture(payments).deepCopy();
        capture.add(
            "supplementary_data",
            json("{\"related_ids\": {\"order_id\": \"%s\"}}".formatted(order.getKey())));
        return new Answer(200, capture);
      }
    }
    return error(404, "The specified resource does not exist.");
  }

  private Answer refund(String capture, JsonObject asked) {
    refundCalls.incrementAndGet();
    if (refusesRefunds()) {
      return error(422, "The capture has already been fully refunded");
    }
    JsonObject found = capture(capture).body();
    String order =
        found
            .getAsJsonObject("supplementary_data")
            .getAsJsonObject("related_ids")
            .get("order_id")
            .getAsString();
    return new Answer(
        201,
        addRefund(order, asked.getAsJsonObject("amount"), asked.get("custom_id").getAsString()));
  }

  private JsonObject addRefund(
      String reference, JsonObject amount, @org.jspecify.annotations.Nullable String custom) {
    JsonObject payments = unit(order(reference)).getAsJsonObject("payments");
    JsonObject refund = new JsonObject();
    refund.addProperty("id", number("1JU0833"));
    refund.addProperty("status", "COMPLETED");
    refund.add("amount", amount.deepCopy());
    if (custom != null) {
      refund.addProperty("custom_id", custom);
    }
    JsonArray links = new JsonArray();
    String capture = theCapture(payments).get("id").getAsString();
    links.add(link("self", url() + "/v2/payments/refunds/" + refund.get("id").getAsString()));
    links.add(link("up", url() + "/v2/payments/captures/" + capture));
    refund.add("links", links);
    if (!payments.has("refunds")) {
      payments.add("refunds", new JsonArray());
    }
    payments.getAsJsonArray("refunds").add(refund);
    return refund;
  }

  private static JsonObject theCapture(JsonObject payments) {
    return payments.getAsJsonArray("captures").get(0).getAsJsonObject();
  }

  private static JsonObject link(String rel, String href) {
    JsonObject link = new JsonObject();
    link.addProperty("rel", rel);
    link.addProperty("href", href);
    link.addProperty("method", "GET");
    return link;
  }

  private JsonObject order(String id) {
    return Objects.requireNonNull(orders.get(id));
  }

  private static JsonObject unit(JsonObject order) {
    return order.getAsJsonArray("purchase_units").get(0).getAsJsonObject();
  }

  @Override
  public void pay(String reference) {
    order(reference).addProperty("status", "APPROVED");
  }

  @Override
  void payWrong(String reference, Money amount) {
    unit(order(reference)).add("amount", money(amount));
    pay(reference);
  }

  @Override
  void expire(String reference) {
    orders.remove(reference);
  }

  private static JsonObject money(Money amount) {
    return json(
        "{\"currency_code\": \"%s\", \"value\": \"%s\"}"
            .formatted(amount.currency(), new Coin(2).decimal(amount.micros())));
  }

  @Override
  public Event paidEvent(String reference) {
    return event("CHECKOUT.ORDER.APPROVED", "checkout-order", order(reference));
  }

  /** The money was taken: by us, or by who else has our account. */
  private void taken(String reference) {
    if (order(reference).get("status").getAsString().equals("APPROVED")) {
      var _ = take(reference);
    }
  }

  @Override
  Event refundThere(String reference, Money amount) {
    taken(reference);
    return event("PAYMENT.CAPTURE.REFUNDED", "refund", addRefund(reference, money(amount), null));
  }

  @Override
  Event ourRefundEvent(String reference) {
    JsonArray refunds =
        unit(order(reference)).getAsJsonObject("payments").getAsJsonArray("refunds");
    return event(
        "PAYMENT.CAPTURE.REFUNDED", "refund", refunds.get(refunds.size() - 1).getAsJsonObject());
  }

  /** Is not in the order, so the event is all that says it. */
  @Override
  Event chargeBack(String reference, Money amount) {
    taken(reference);
    JsonObject refund = addRefund(reference, money(amount), null);
    JsonArray refunds =
        unit(order(reference)).getAsJsonObject("payments").getAsJsonArray("refunds");
    refunds.remove(refund);
    return event("PAYMENT.CAPTURE.REVERSED", "refund", refund);
  }

  private Event event(String type, String resourceType, JsonObject resource) {
    JsonObject event = new JsonObject();
    event.addProperty("id", number("WH-"));
    event.addProperty("event_type", type);
    event.addProperty("resource_type", resourceType);
    event.add("resource", resource);
    return signed(event.toString(), key, WEBHOOK);
  }

  Event signed(String body, KeyPair with, String webhook) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    String id = number("69cd13f0-");
    String time = Instant.now().toString();
    String said = id + "|" + time + "|" + webhook + "|" + checksum.getValue();
    return new Event(
        bytes,
        Map.of(
            "paypal-transmission-id",
            id,
            "paypal-transmission-time",
            time,
            "paypal-auth-algo",
            "SHA256withRSA",
            "paypal-cert-url",
            url() + CERTIFICATE,
            "paypal-transmission-sig",
            sign(said, with)));
  }

  private static String sign(String text, KeyPair with) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(with.getPrivate());
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static KeyPair key() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(KeyPair key) {
    X500Name name = new X500Name("CN=messageverificationcerts.paypal.com");
    Instant now = Instant.now();
    try {
      byte[] encoded =
          new JcaX509v3CertificateBuilder(
                  name,
                  BigInteger.ONE,
                  Date.from(now.minusSeconds(60)),
                  Date.from(now.plusSeconds(86_400)),
                  name,
                  key.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withRSA").build(key.getPrivate()))
              .getEncoded();
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder().encodeToString(encoded)
          + "\n-----END CERTIFICATE-----\n";
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
