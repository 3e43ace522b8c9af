package dev.skep.agent.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.skep.agent.engine.EngineFailure.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * HTTP over the engine's socket.
 *
 * <p>The HTTP client's own timeouts do nothing on a unix socket, because its socket is a channel in
 * disguise. So each call has a thread of its own that is interrupted at the deadline: that closes
 * the channel, and the pool forgets the connection. A body is read to its end, else the connection
 * cannot be used again; a stream is closed by closing its response.
 */
final class Transport implements AutoCloseable {
  private static final int MAX_BODY = 32 << 20;

  private final DockerHttpClient http;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final @Nullable Path socket;
  private volatile @Nullable ApiVersion version;

  Transport(URI host) {
    this.http = new ZerodepDockerHttpClient.Builder().dockerHost(host).maxConnections(32).build();
    this.socket = "unix".equals(host.getScheme()) ? Path.of(host.getPath()) : null;
  }

  /** The version in use; asks the engine when it is not known, or was lost with a connection. */
  ApiVersion version(Duration deadline) {
    var known = version;
    if (known == null) {
      var answer = Json.read(expect("GET", "/version", null, deadline), Wire.Version.class);
      known =
          ApiVersion.negotiate(
              ApiVersion.parse(answer.minAPIVersion()), ApiVersion.parse(answer.apiVersion()));
      version = known;
    }
    return known;
  }

  /** Calls a versioned path and returns the body of a success. */
  String call(String method, String path, @Nullable Object body, Duration deadline) {
    var prefix = "/v" + version(deadline);
    return expect(method, prefix + path, body == null ? null : Json.write(body), deadline);
  }

  /** Reads a versioned path as a stream that ends when the engine ends it. */
  DockerHttpClient.Response open(String path, Duration deadline) {
    var prefix = "/v" + version(deadline);
    var response = timed(deadline, () -> send("GET", prefix + path, null));
    if (response.getStatusCode() >= 300) {
      try (response) {
        throw EngineFailure.ofStatus(response.getStatusCode(), message(read(response)));
      }
    }
    return response;
  }

  /**
   * How long to follow an answer.
   *
   * @param whole at most, to its end
   * @param silence at most, between two words
   */
  record Patience(Duration whole, Duration silence) {}

  /** Posts, and reads the answer to its end as long as the engine goes on telling of progress. */
  void follow(String path, Patience patience) {
    var prefix = "/v" + version(patience.silence());
    var lastWord = new AtomicLong(System.nanoTime());
    var call = calls.submit(() -> progress(prefix + path, lastWord));
    long end = System.nanoTime() + patience.whole().toNanos();
    while (true) {
      long now = System.nanoTime();
      long silent = lastWord.get() + patience.silence().toNanos();
      long left = Math.min(end, silent) - now;
      if (left <= 0) {
        call.cancel(true);
        throw new EngineFailure(
            Code.TIMEOUT,
            end - now <= 0
                ? "not done within " + patience.whole().toMinutes() + " min"
                : "no progress for " + patience.silence().toSeconds() + " s");
      }
      if (done(call, left)) {
        return;
      }
    }
  }

  private boolean done(Future<?> call, long nanos) {
    try {
      call.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw down("interrupted", e);
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  private void progress(String path, AtomicLong lastWord) {
    try (var response = send("POST", path, null)) {
      if (response.getStatusCode() >= 300) {
        throw EngineFailure.ofStatus(response.getStatusCode(), message(read(response)));
      }
      var reader =
          new JsonReader(new InputStreamReader(response.getBody(), StandardCharsets.UTF_8));
      reader.setStrictness(Strictness.LENIENT);
      while (reader.peek() != JsonToken.END_DOCUMENT) {
        var line = Json.progress(reader);
        lastWord.set(System.nanoTime());
        if (line.error() != null) {
          throw new EngineFailure(Code.ENGINE_ERROR, Scrub.message(line.error()));
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String expect(String method, String path, @Nullable String body, Duration deadline) {
    var reply =
        timed(
            deadline,
            () -> {
              try (var response = send(method, path, body)) {
                return new Reply(response.getStatusCode(), read(response));
              }
            });
    if (reply.status() < 300 || reply.status() == 304) {
      return reply.body();
    }
    String message = message(reply.body());
    if (reply.status() == 400 && message.contains("client version")) {
      version = null;
    }
    throw EngineFailure.ofStatus(reply.status(), message);
  }

  private record Reply(int status, String body) {}

  private DockerHttpClient.Response send(String method, String path, @Nullable String body) {
    if (socket != null && !Files.exists(socket)) {
      throw down("there is no engine at " + socket, null);
    }
    var request = new DockerHttpClient.Request.Builder().method(method).path(path);
    if (body != null) {
      request
          .putHeader("Content-Type", "application/json")
          .bodyBytes(body.getBytes(StandardCharsets.UTF_8));
    }
    return http.execute(request.build());
  }

  private static String read(DockerHttpClient.Response response) {
    try (InputStream in = response.getBody()) {
      var bytes = in.readNBytes(MAX_BODY + 1);
      if (bytes.length > MAX_BODY) {
        throw new EngineFailure(Code.ENGINE_ERROR, "the engine answered more than 32 MiB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private <T> T timed(Duration deadline, java.util.concurrent.Callable<T> work) {
    var call = calls.submit(work);
    try {
      return call.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      call.cancel(true);
      version = null;
      throw new EngineFailure(
          Code.TIMEOUT, "the engine did not answer within " + deadline.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw down("interrupted", e);
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  private EngineFailure failure(ExecutionException e) {
    if (e.getCause() instanceof EngineFailure failure) {
      return failure;
    }
    version = null;
    return down("the engine does not answer: " + reason(e), e);
  }

  private static String reason(ExecutionException e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return Scrub.message(String.valueOf(deepest.getMessage()));
  }

  private static EngineFailure down(String message, @Nullable Throwable cause) {
    return cause == null
        ? new EngineFailure(Code.ENGINE_DOWN, message)
        : new EngineFailure(Code.ENGINE_DOWN, message, cause);
  }

  private static String message(String body) {
    if (!body.stripLeading().startsWith("{")) {
      return body;
    }
    var error = Json.read(body, Wire.ErrorBody.class);
    return error.message() == null ? body : error.message();
  }

  @Override
  public void close() {
    calls.shutdownNow();
    try {
      http.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
