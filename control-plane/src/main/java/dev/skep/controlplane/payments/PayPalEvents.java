package dev.skep.controlplane.payments;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Events of PayPal. Each is signed with a key whose certificate PayPal serves; what is signed is
 * the id and the time of the transmission, the id of our webhook and a checksum of the body.
 */
final class PayPalEvents {
  private static final String ALGORITHM = "SHA256withRSA";
  private static final String CERTIFICATES = "/v1/notifications/certs/";
  private static final int MOST_CERTIFICATES = 16;
  private static final int MOST_BYTES = 64 << 10;
  private static final Set<String> CAME_TO_NOTHING = Set.of("FAILED", "CANCELLED");

  private final PaymentSettings.PayPal settings;
  private final OkHttpClient http;
  private final ProviderCalls calls;
  private final InstantSource clock;
  private final Map<String, X509Certificate> certificates = new ConcurrentHashMap<>();

  PayPalEvents(
      PaymentSettings.PayPal settings,
      OkHttpClient http,
      ProviderCalls calls,
      InstantSource clock) {
    this.settings = settings;
    this.http = http;
    this.calls = calls;
    this.clock = clock;
  }

  PaymentGateway.Notice read(byte[] body, UnaryOperator<String> header) {
    if (!signed(body, header)) {
      throw new Refusal(Reason.SIGNATURE_REFUSED, "this is not signed by PayPal for this webhook");
    }
    try {
      return notice(
          JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject());
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | ArithmeticException
        | NumberFormatException e) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "body", "is not an event of PayPal");
    }
  }

  private boolean signed(byte[] body, UnaryOperator<String> header) {
    String url = header.apply("paypal-cert-url");
    if (!header.apply("paypal-auth-algo").equals(ALGORITHM) || !isTheirs(url)) {
      return false;
    }
    CRC32 checksum = new CRC32();
    checksum.update(body);
    String said =
        String.join(
            "|",
            header.apply("paypal-transmission-id"),
            header.apply("paypal-transmission-time"),
            settings.webhookId(),
            Long.toString(checksum.getValue()));
    try {
      X509Certificate certificate = certificate(url);
      certificate.checkValidity(Date.from(clock.instant()));
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(certificate);
      signature.update(said.getBytes(StandardCharsets.UTF_8));
      return signature.verify(Base64.getDecoder().decode(header.apply("paypal-transmission-sig")));
    } catch (GeneralSecurityException | IllegalArgumentException | ProviderRefused e) {
      return false;
    }
  }

  /** Whoever sends the event chooses the URL: only PayPal's own are read. */
  private boolean isTheirs(String url) {
    try {
      URI uri = URI.create(url);
      String host = String.valueOf(uri.getHost());
      boolean known =
          uri.getRawPath() != null
              && uri.normalize().equals(uri)
              && uri.getRawPath().startsWith(CERTIFICATES)
              && uri.getRawUserInfo() == null;
      boolean paypal =
          "https".equals(uri.getScheme()) && host.endsWith(".paypal.com") && uri.getPort() == -1;
      return known && (paypal || isConfigured(uri));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private boolean isConfigured(URI uri) {
    return settings.url().getScheme().equals(uri.getScheme())
        && settings.url().getRawAuthority().equals(uri.getRawAuthority());
  }

  private X509Certificate certificate(String url) throws CertificateException {
    X509Certificate known = certificates.get(url);
    if (known != null) {
      return known;
    }
    X509Certificate read = parsed(calls.call(() -> bytes(url)));
    if (certificates.size() >= MOST_CERTIFICATES) {
      certificates.clear();
    }
    certificates.put(url, read);
    return read;
  }

  private byte[] bytes(String url) throws IOException {
    try (Response response = http.newCall(new Request.Builder().url(url).build()).execute()) {
      if (response.code() >= 500) {
        throw new IOException("the certificate is not there: " + response.code());
      }
      if (response.code() != 200) {
        throw new ProviderRefused(response.code(), "there is no such certificate");
      }
      return response.peekBody(MOST_BYTES).bytes();
    }
  }

  private static X509Certificate parsed(byte[] pem) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }

  private static PaymentGateway.Notice notice(JsonObject event) {
    String id = event.get("id").getAsString();
    JsonObject resource = event.getAsJsonObject("resource");
    return switch (text(event, "resource_type").orElse("")) {
      case "checkout-order" ->
          new PaymentGateway.Notice(id, text(resource, "id"), Optional.empty(), List.of());
      case "capture" ->
          new PaymentGateway.Notice(id, order(resource), text(resource, "id"), List.of());
      case "refund" ->
          new PaymentGateway.Notice(
              id,
              Optional.empty(),
              captureOf(resource),
              List.of(back(resource, text(event, "event_type").orElse(""))));
      default -> PaymentGateway.Notice.aboutNothing(id);
    };
  }

  private static Optional<String> order(JsonObject capture) {
    return Optional.ofNullable(capture.getAsJsonObject("supplementary_data"))
        .map(data -> data.getAsJsonObject("related_ids"))
        .flatMap(ids -> text(ids, "order_id"));
  }

  /** The last part of the link to what it is part of. */
  private static Optional<String> captureOf(JsonObject refund) {
    for (JsonElement link : refund.getAsJsonArray("links")) {
      if (text(link.getAsJsonObject(), "rel").filter("up"::equals).isPresent()) {
        String href = link.getAsJsonObject().get("href").getAsString();
        return Optional.of(href.substring(href.lastIndexOf('/') + 1));
      }
    }
    return Optional.empty();
  }

  private static Seen.Back back(JsonObject refund, String type) {
    JsonObject amount = refund.getAsJsonObject("amount");
    boolean came = text(refund, "status").filter(CAME_TO_NOTHING::contains).isEmpty();
    return new Seen.Back(
        refund.get("id").getAsString(),
        type.endsWith(".REVERSED") ? Reversal.Kind.CHARGEBACK : Reversal.Kind.REFUND,
        Coin.ofDecimal(
            amount.get("value").getAsString(), amount.get("currency_code").getAsString()),
        came,
        text(refund, "custom_id").map(Ids::parse).orElse(null));
  }

  private static Optional<String> text(JsonObject object, String name) {
    return Optional.ofNullable(object.get(name))
        .filter(JsonElement::isJsonPrimitive)
        .map(JsonElement::getAsString);
  }
}
