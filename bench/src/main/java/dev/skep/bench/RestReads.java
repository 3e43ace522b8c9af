package dev.skep.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;

/** Reads of services over REST, one after the other. */
final class RestReads {
  private static final String SERVICES = "/api/containers/services";
  private static final int CALLS = 500;
  private static final int PAGE = 50;

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;
  private final String token;
  private final int services;

  /** {@code services} of them are there, s1, s2 and so on. */
  RestReads(int port, String token, int services) {
    this.port = port;
    this.token = token;
    this.services = services;
  }

  /** The first page of all, one service, and the first page of some. */
  List<String> paths() {
    return List.of(SERVICES, SERVICES + "/" + middle(), SERVICES + "?namePrefix=" + middle());
  }

  private String middle() {
    return "s" + services / 2;
  }

  /** Whether answers are what was asked for; a fast error is no answer. */
  void check() {
    JsonObject page = body(SERVICES);
    List<String> names =
        page.getAsJsonArray("services").asList().stream()
            .map(service -> service.getAsJsonObject().get("name").getAsString())
            .toList();
    List<String> first =
        Stream.iterate(1, n -> n + 1)
            .limit(services)
            .map(n -> "s" + n)
            .sorted()
            .limit(PAGE)
            .toList();
    JsonObject one = body(SERVICES + "/" + middle()).getAsJsonObject("service");
    String state = one.getAsJsonObject("status").get("state").getAsString();
    if (!names.equals(first)
        || page.get("nextPageToken").getAsString().isEmpty()
        || !one.get("name").getAsString().equals(middle())
        || !state.equals("SERVICE_STATE_RUNNING")) {
      throw new IllegalStateException("the server answers something else: " + names + one);
    }
  }

  private JsonObject body(String path) {
    return JsonParser.parseString(get(path).body()).getAsJsonObject();
  }

  /** What the server says that each of many answers took it. */
  Samples serverTimes(String path) {
    List<Double> millis = Stream.generate(() -> serverTime(path)).limit(CALLS).toList();
    return Samples.of(millis, Double::doubleValue);
  }

  private double serverTime(String path) {
    String timing = get(path).headers().firstValue("server-timing").orElseThrow();
    return Double.parseDouble(timing.replaceFirst("^total;dur=", ""));
  }

  private HttpResponse<String> get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .version(HttpClient.Version.HTTP_1_1)
            .header("authorization", "Bearer " + token)
            .build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
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
