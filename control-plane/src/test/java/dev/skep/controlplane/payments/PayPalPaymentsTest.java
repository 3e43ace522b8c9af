package dev.skep.controlplane.payments;

import dev.skep.controlplane.payments.ProviderStandIn.Event;
import java.util.List;
import java.util.Map;

final class PayPalPaymentsTest extends PaymentsContract<PayPalStandIn> {
  PayPalPaymentsTest() {
    super(new PayPalStandIn());
  }

  @Override
  List<Event> forgeries(Event event) {
    String url = String.valueOf(event.headers().get("paypal-cert-url"));
    return List.of(
        provider.signed(event.text(), PayPalStandIn.key(), PayPalStandIn.WEBHOOK),
        event.with("paypal-transmission-id", "another"),
        event.with("paypal-auth-algo", "none"),
        event.with("paypal-transmission-sig", "bm90IGE="),
        event.with("paypal-transmission-sig", "!"),
        event.with("paypal-cert-url", url + "-of-nobody"),
        event.with("paypal-cert-url", url.replace("/v1/notifications", "/elsewhere")),
        event.with("paypal-cert-url", url.replace("certs/", "certs/../certs/")),
        event.with("paypal-cert-url", url.replace("127.0.0.1", "127.0.0.2")),
        event.with("paypal-cert-url", "https://paypal.com.example.org/v1/notifications/certs/1"),
        event.with("paypal-cert-url", "not a url"),
        new Event(event.body(), Map.of()));
  }
}
