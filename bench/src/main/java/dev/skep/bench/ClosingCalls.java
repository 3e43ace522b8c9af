package dev.skep.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * People's calls while a control plane catches up with hours of many services, and the same calls
 * when it has: a page of services, the wallet, and a change that asks the wallet for its first
 * hour.
 */
final class ClosingCalls {
  private static final int OWN_SERVICES = 1_000;
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Checkout checkout;
  private final Report report;
  private final long services;
  private final long wallets;
  private final int hours;

  ClosingCalls(Checkout checkout, Report report, long services, long wallets, int hours) {
    this.checkout = checkout;
    this.report = report;
    this.services = services;
    this.wallets = wallets;
    this.hours = hours;
  }

  void run() {
    Path directory = checkout.runDirectory("billing");
    report.say("filling %,d services of %,d wallets", services, wallets);
    fill(ControlPlaneProcess.dataIn(directory));
    try (var controlPlane = ControlPlaneProcess.alone(checkout, directory)) {
      var calls = new Calls(controlPlane);
      calls.warmUp();
      long start = System.nanoTime();
      Map<String, List<Double>> busy = calls.whileHoursAreDue();
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, List<Double>> idle = calls.rounds(busy.values().iterator().next().size());
      report.say("the rest of %d hours was closed in %.1f s", hours, seconds);
      report.head("answers while hours are closed, ms");
      busy.forEach((name, millis) -> report.row(name, samples(millis)));
      report.head("answers afterwards, ms");
      idle.forEach((name, millis) -> report.row(name, samples(millis)));
    }
  }

  private void fill(ControlPlaneProcess.Data data) {
    try (var database = new BenchDatabase(data)) {
      database.services(OWN_SERVICES, 1);
      Instant now = Instant.now().truncatedTo(ChronoUnit.HOURS);
      BillingBench.fill(database, services, wallets, now.minus(hours + 1, ChronoUnit.HOURS));
      database.execute("update wallets set balance = 1000000000000");
    }
  }

  private static Samples samples(List<Double> millis) {
    return Samples.of(millis, Double::doubleValue);
  }

  /** One caller, who thinks a little between calls. */
  private final class Calls {
    private final String server;
    private final String token;
    private int round;

    Calls(ControlPlaneProcess controlPlane) {
      this.server = "http://127.0.0.1:" + controlPlane.port();
      this.token = controlPlane.token();
    }

    void warmUp() {
      rounds(50);
    }

    Map<String, List<Double>> whileHoursAreDue() {
      Map<String, List<Double>> millis = new LinkedHashMap<>();
      while (open()) {
        once(millis);
      }
      return millis;
    }

    Map<String, List<Double>> rounds(int count) {
      Map<String, List<Double>> millis = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        once(millis);
      }
      return millis;
    }

    private void once(Map<String, List<Double>> millis) {
      round++;
      String scaled = "/api/containers/services/s" + (1 + round % OWN_SERVICES) + "/scale";
      timed(millis, "a page of services", get("/api/containers/services"));
      timed(millis, "the wallet", get("/api/billing/wallet"));
      timed(
          millis,
          "a change of a service",
          post(scaled, "{\"replicas\": " + (2 + round / OWN_SERVICES) + "}"));
    }

    /** Whether the last hour that is over is not closed. */
    private boolean open() {
      JsonObject answer =
          JsonParser.parseString(send(get("/api/billing/hours")).body()).getAsJsonObject();
      JsonObject newest = answer.getAsJsonArray("hours").get(0).getAsJsonObject();
      Instant end = Instant.parse(newest.get("hour").getAsString()).plus(1, ChronoUnit.HOURS);
      return !newest.has("closeTime") || end.isBefore(Instant.now().truncatedTo(ChronoUnit.HOURS));
    }

    private void timed(Map<String, List<Double>> millis, String name, HttpRequest request) {
      LockSupport.parkNanos(PAUSE.toNanos());
      long start = System.nanoTime();
      send(request);
      millis.computeIfAbsent(name, n -> new ArrayList<>()).add((System.nanoTime() - start) / 1e6);
    }

    private HttpRequest get(String path) {
      return to(path).build();
    }

    private HttpRequest post(String path, String body) {
      return to(path)
          .header("content-type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body))
          .build();
    }

    private HttpRequest.Builder to(String path) {
      return HttpRequest.newBuilder(URI.create(server + path))
          .version(HttpClient.Version.HTTP_1_1)
          .header("authorization", "Bearer " + token);
    }

    private HttpResponse<String> send(HttpRequest request) {
      try {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
          throw new IllegalStateException(
              request.uri() + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }
}
