package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** The lab's image registry. Engines also use it as their mirror of Docker Hub. */
public final class LabRegistry {

  private static final String MANIFEST_TYPE =
      "application/vnd.docker.distribution.manifest.v2+json";

  private final Slot slot;

  /** A proxy of the caller's settings would not know the lab. */
  private final HttpClient http =
      HttpClient.newBuilder()
          .proxy(HttpClient.Builder.NO_PROXY)
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  LabRegistry(Slot slot) {
    this.slot = slot;
  }

  /** Host and port, as image names start with it. */
  public String address() {
    return slot.registryAddress() + ":5000";
  }

  /**
   * Stores an image under its name and tag. What the registry has already is not sent again.
   *
   * @return the reference by digest, {@code 10.77.0.200:5000/web@sha256:…}
   */
  public String push(TestImage image) {
    for (var layer : image.layers()) {
      pushBlob(image.repository(), layer.bytes());
    }
    pushBlob(image.repository(), image.configuration());
    var manifest = image.manifest();
    var path = "/v2/%s/manifests/%s".formatted(image.repository(), image.tag());
    var request =
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", MANIFEST_TYPE)
            .PUT(BodyPublishers.ofByteArray(manifest))
            .build();
    send(request, 201);
    return "%s/%s@%s".formatted(address(), image.repository(), TarLayer.digestOf(manifest));
  }

  void start() {
    var directory = slot.directory(Slot.REGISTRY);
    var configuration = directory.resolve("config.yml");
    try {
      Files.createDirectories(directory);
      Files.writeString(
          configuration,
          """
          version: 0.1
          log: {level: info}
          storage:
            filesystem: {rootdirectory: %s/data}
            delete: {enabled: true}
          http: {addr: "%s"}
          """
              .formatted(directory, address()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var command =
        "setsid nsenter --net=/run/netns/%s docker-registry serve %s"
            .formatted(slot.namespace(Slot.REGISTRY), configuration);
    var log = directory.resolve("registry.log");
    var _ = Shell.start(ProcessSpec.of(log, command.split(" ", -1)));
  }

  void awaitReady() {
    Await.seconds(20)
        .every(Duration.ofMillis(20))
        .until(
            "the registry answers; see " + slot.directory(Slot.REGISTRY),
            () -> http.send(HttpRequest.newBuilder(uri("/v2/")).build(), BodyHandlers.ofString()),
            response -> response.statusCode() == 200);
  }

  private void pushBlob(String repository, byte[] content) {
    var digest = TarLayer.digestOf(content);
    var blob = uri("/v2/%s/blobs/%s".formatted(repository, digest));
    if (send(HttpRequest.newBuilder(blob).HEAD().build(), 200, 404).statusCode() == 200) {
      return;
    }
    var uploads = uri("/v2/%s/blobs/uploads/".formatted(repository));
    var open = HttpRequest.newBuilder(uploads).POST(BodyPublishers.noBody()).build();
    var location = send(open, 202).headers().firstValue("Location").orElseThrow();
    var target =
        uploads.resolve(location + (location.contains("?") ? "&" : "?") + "digest=" + digest);
    var upload =
        HttpRequest.newBuilder(target)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(content))
            .build();
    send(upload, 201);
  }

  private HttpResponse<String> send(HttpRequest request, Integer... expected) {
    try {
      var response = http.send(request, BodyHandlers.ofString(UTF_8));
      if (!List.of(expected).contains(response.statusCode())) {
        throw new IllegalStateException(
            "registry: %s answered %d: %s"
                .formatted(request, response.statusCode(), response.body()));
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in: " + request, e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://" + address() + path);
  }
}
