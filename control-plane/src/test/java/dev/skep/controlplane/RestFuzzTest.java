package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.skep.controlplane.fixture.RawHttp;
import dev.skep.controlplane.fixture.RequestFuzzer;
import dev.skep.controlplane.fixture.StubRegistry;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Malformed requests, made from our own document: 1,500, or as many as {@code -Dskep.fuzz} says.
 */
final class RestFuzzTest {
  private static final int REQUESTS = Integer.getInteger("skep.fuzz", 1_500);
  private static final long SEED = Long.getLong("skep.seed", 4);
  private static final long HEAP_GROWTH = 24L << 20;

  /** Traces, names of classes, SQL. */
  private static final Pattern INSIDE =
      Pattern.compile(
          "Exception|\\bat [a-z]\\w*(\\.\\w+)+\\(|\\b(java|io\\.grpc|com\\.google|com\\.linecorp|org\\.postgresql|dev\\.skep)\\."
              + "|\\bselect .* from\\b|\\binsert into\\b|ERROR:",
          Pattern.CASE_INSENSITIVE);

  private static final Set<String> ERROR =
      Set.of("code", "message", "fields", "request_id", "help");

  private final List<String> wrong = new ArrayList<>();
  private final TreeMap<Integer, Integer> statuses = new TreeMap<>();

  @Test
  void noMalformedRequestBreaksAnythingOrLearnsAnything(@TempDir Path directory) {
    try (StubRegistry registry = new StubRegistry();
        TestControlPlane skep = new TestControlPlane(directory);
        RawHttp http = new RawHttp(skep.port())) {
      var document =
          JsonParser.parseString(skep.send(skep.request("/openapi.json")).body()).getAsJsonObject();
      List<String> images =
          List.of(registry.image("app:1"), registry.image("missing:1"), "no image", "UP/CASE", "");
      var fuzzer = new RequestFuzzer(document, new Random(SEED), images);

      send(REQUESTS / 3, fuzzer, http, skep.token());
      long before = heap();
      send(REQUESTS - REQUESTS / 3, fuzzer, http, skep.token());
      long after = heap();

      System.out.println(statuses + ", heap " + (before >> 20) + " to " + (after >> 20) + " MiB");
      assertThat(wrong).as(wrong.size() + " of " + REQUESTS).isEmpty();
      assertThat(statuses.keySet())
          .as("all kinds of answers")
          .contains(200, 400, 401, 404, 405, 415);
      assertThat(after - before).as("what the heap grew by").isLessThan(HEAP_GROWTH);
      assertThat(skep.send(skep.authorized("/api/system/info")).statusCode()).isEqualTo(200);
    }
  }

  private void send(int count, RequestFuzzer fuzzer, RawHttp http, String token) {
    for (int i = 0; i < count; i++) {
      RequestFuzzer.Request request = fuzzer.next(token);
      Optional<RawHttp.Answer> answer = http.send(request.head(), request.body());
      if (answer.isEmpty()) {
        wrong.add("no answer: " + request.what());
      } else {
        statuses.merge(answer.get().status(), 1, Integer::sum);
        check(request, answer.get());
      }
    }
  }

  private void check(RequestFuzzer.Request request, RawHttp.Answer answer) {
    String text = answer.header("content-encoding").isPresent() ? "" : answer.text();
    boolean refused = answer.status() >= 400;
    boolean leaks = refused && INSIDE.matcher(text).find();
    boolean silent = request.what().startsWith("HEAD ");
    boolean shapeless = refused && !silent && !isError(answer, text);
    if (answer.status() >= 500 || leaks || shapeless) {
      String shown = text.substring(0, Math.min(300, text.length()));
      String what = request.what().substring(0, Math.min(200, request.what().length()));
      String body =
          new String(
              request.body(),
              0,
              Math.min(300, request.body().length),
              java.nio.charset.StandardCharsets.UTF_8);
      wrong.add(
          what + " " + body + " -> " + answer.status() + " " + answer.headers() + " " + shown);
    }
  }

  private static boolean isError(RawHttp.Answer answer, String text) {
    if (!answer.header("content-type").orElse("").startsWith("application/json")) {
      return false;
    }
    try {
      JsonElement body = JsonParser.parseString(text);
      return body instanceof JsonObject error && error.keySet().equals(ERROR);
    } catch (JsonParseException e) {
      return false;
    }
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
