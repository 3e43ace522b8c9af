package dev.skep.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/** The engine without anything of ours between. */
final class EngineApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VERSION = "/v1.41";
  private static final int MAX_CONNECTIONS = 64;

  private final DockerHttpClient http;

  EngineApi(String socket) {
    this.http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(URI.create(socket))
            .maxConnections(MAX_CONNECTIONS)
            .build();
  }

  JsonNode get(String path) {
    return call("GET", path, null);
  }

  JsonNode post(String path, JsonNode body) {
    return call("POST", path, body);
  }

  void delete(String path) {
    call("DELETE", path, null);
  }

  /** Fetches an image, so that no measurement waits for a registry. */
  void pull(String image) {
    call("POST", "/images/create?fromImage=" + URLEncoder.encode(image, UTF_8), null);
    get("/images/" + image + "/json");
  }

  private JsonNode call(String method, String path, @Nullable JsonNode body) {
    try {
      var request = new DockerHttpClient.Request.Builder().method(method).path(VERSION + path);
      if (body != null) {
        request.putHeader("Content-Type", "application/json");
        request.bodyBytes(JSON.writeValueAsBytes(body));
      }
      try (var response = http.execute(request.build())) {
        var answer = response.getBody().readAllBytes();
        if (response.getStatusCode() >= 300) {
          throw new IllegalStateException(
              "%s %s: %d %s"
                  .formatted(method, path, response.getStatusCode(), new String(answer, UTF_8)));
        }
        return answer.length == 0 ? JSON.nullNode() : JSON.readTree(answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
