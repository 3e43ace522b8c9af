package dev.skep.controlplane.payments;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skep.controlplane.kernel.Money;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Plays a payment provider on loopback, as its documentation describes it. */
public abstract class ProviderStandIn implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger(1000);

  private final HttpServer server;
  private final Map<String, Answer> byKey = new ConcurrentHashMap<>();
  private volatile boolean down;
  private volatile boolean refusesRefunds;
  final AtomicInteger refundCalls = new AtomicInteger();

  /** What is sent to us. */
  public record Event(byte[] body, Map<String, String> headers) {
    UnaryOperator<String> header() {
      return name -> headers.getOrDefault(name, "");
    }

    Event with(String name, String value) {
      Map<String, String> changed = new LinkedHashMap<>(headers);
      changed.put(name, value);
      return new Event(body, changed);
    }

    Event withBody(String text) {
      return new Event(text.getBytes(StandardCharsets.UTF_8), headers);
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  record Answer(int status, JsonObject body) {}

  /** A request that is authorized. */
  record Call(String method, String path, Map<String, String> query, String body) {}

  ProviderStandIn() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  abstract Provider provider();

  public abstract PaymentSettings settings();

  /** The payer pays what is asked. */
  public abstract void pay(String reference);

  /** The payer pays something else: nothing that the provider should do. */
  abstract void payWrong(String reference, Money amount);

  /** Nobody can pay it any more. */
  abstract void expire(String reference);

  public abstract Event paidEvent(String reference);

  /** Somebody gives money back in the provider's own pages. */
  abstract Event refundThere(String reference, Money amount);

  /** The payer's bank takes money back. */
  abstract Event chargeBack(String reference, Money amount);

  /** The event of the refund that we asked for last. */
  abstract Event ourRefundEvent(String reference);

  abstract Answer answer(HttpExchange exchange, Call call) throws IOException;

  abstract String keyHeader();

  abstract Answer error(int status, String message);

  void setDown(boolean now) {
    down = now;
  }

  void refuseRefunds(boolean now) {
    refusesRefunds = now;
  }

  boolean refusesRefunds() {
    return refusesRefunds;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  static String number(String prefix) {
    return prefix + NUMBER.incrementAndGet();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      URI uri = exchange.getRequestURI();
      var call =
          new Call(exchange.getRequestMethod(), uri.getPath(), form(uri.getRawQuery()), body);
      send(exchange, down ? error(503, "down") : once(exchange, call));
    }
  }

  /** The same key gets the same answer and changes nothing. */
  private Answer once(HttpExchange exchange, Call call) throws IOException {
    String key = exchange.getRequestHeaders().getFirst(keyHeader());
    if (key == null) {
      return answer(exchange, call);
    }
    synchronized (byKey) {
      Answer known = byKey.get(key);
      Answer given = known == null ? answer(exchange, call) : known;
      byKey.put(key, given);
      return given;
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = bytes(answer);
    exchange.getResponseHeaders().add("content-type", "application/json");
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static byte[] bytes(Answer answer) {
    JsonObject body = answer.body();
    String text = body.has("pem") ? body.get("pem").getAsString() : body.toString();
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Map<String, String> form(@org.jspecify.annotations.Nullable String text) {
    Map<String, String> values = new LinkedHashMap<>();
    if (text != null && !text.isEmpty()) {
      for (String pair : text.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        values.put(decoded(parts[0]), parts.length == 1 ? "" : decoded(parts[1]));
      }
    }
    return values;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
