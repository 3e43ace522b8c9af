package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.workload.ImageReference;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Turns a tag into a digest by asking the registry (OCI distribution API, anonymous pull), so that
 * every replica of a release is the same image for ever.
 */
final class ImageResolver {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
  private static final String ACCEPT =
      "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
  private static final Pattern CHALLENGE = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final Pattern TOKEN =
      Pattern.compile("\"(?:access_)?token\"\\s*:\\s*\"([^\"]+)\"");

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Set<String> insecureRegistries;

  /**
   * {@code insecureRegistries}: host[:port] that are asked without TLS, beside those on loopback.
   */
  ImageResolver(Set<String> insecureRegistries) {
    this.insecureRegistries = Set.copyOf(insecureRegistries);
  }

  /**
   * The digest of an image.
   *
   * @throws Refusal IMAGE_NOT_FOUND or REGISTRY_UNREACHABLE, for the field spec.image
   */
  String digest(String image) {
    ImageReference reference = ImageReference.parse(image).orElseThrow();
    if (!reference.digest().isEmpty()) {
      return reference.digest();
    }
    try {
      HttpResponse<Void> answer = head(reference, Optional.empty());
      if (answer.statusCode() == 401) {
        answer = head(reference, token(answer));
      }
      return digest(reference, answer);
    } catch (IOException e) {
      throw unreachable(reference, words(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(reference, "the control plane stops");
    }
  }

  private HttpResponse<Void> head(ImageReference reference, Optional<String> token)
      throws IOException, InterruptedException {
    String scheme = insecure(reference.registry()) ? "http" : "https";
    URI uri =
        URI.create(
            "%s://%s/v2/%s/manifests/%s"
                .formatted(scheme, reference.registry(), reference.repository(), reference.tag()));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).HEAD().timeout(REQUEST_TIMEOUT).header("Accept", ACCEPT);
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    return client.send(request.build(), HttpResponse.BodyHandlers.discarding());
  }

  private static String digest(ImageReference reference, HttpResponse<Void> answer) {
    String where =
        "\"" + reference.repository() + ":" + reference.tag() + "\" in " + reference.registry();
    return switch (answer.statusCode()) {
      case 200 ->
          answer
              .headers()
              .firstValue("Docker-Content-Digest")
              .filter(d -> d.matches("sha256:[a-f0-9]{64}"))
              .orElseThrow(() -> unreachable(reference, "it names no digest"));
      case 404 ->
          throw Refusal.ofField(
              Reason.IMAGE_NOT_FOUND,
              "spec.image",
              "there is no image " + where + "; check name and tag");
      case 401, 403 ->
          throw Refusal.ofField(
              Reason.IMAGE_NOT_FOUND,
              "spec.image",
              "there is no image " + where + ", or it needs a login");
      default -> throw unreachable(reference, "it answered " + answer.statusCode());
    };
  }

  /** Asks the token service that the registry names; only over TLS or on loopback. */
  private Optional<String> token(HttpResponse<Void> challenge)
      throws IOException, InterruptedException {
    String header = challenge.headers().firstValue("WWW-Authenticate").orElse("");
    if (!header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return Optional.empty();
    }
    Map<String, String> parameters = new TreeMap<>();
    Matcher matcher = CHALLENGE.matcher(header);
    while (matcher.find()) {
      parameters.put(matcher.group(1), matcher.group(2));
    }
    String realm = parameters.getOrDefault("realm", "");
    if (!realm.startsWith("https://")) {
      return Optional.empty();
    }
    String query =
        "service="
            + encoded(parameters.getOrDefault("service", ""))
            + "&scope="
            + encoded(parameters.getOrDefault("scope", ""));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(realm + (realm.contains("?") ? "&" : "?") + query))
            .timeout(REQUEST_TIMEOUT)
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    Matcher token = TOKEN.matcher(answer.body());
    return token.find() ? Optional.of(token.group(1)) : Optional.empty();
  }

  private static String encoded(String value) {
    return java.net.URLEncoder.encode(value, java.nio.charset.StandardCharsets.UTF_8);
  }

  private boolean insecure(String registry) {
    String host = registry.replaceFirst(":\\d+$", "");
    return host.equals("localhost")
        || host.startsWith("127.")
        || insecureRegistries.contains(registry);
  }

  /** The client's own messages are often empty; a user needs a word to search for. */
  private static String words(IOException e) {
    return switch (e) {
      case HttpTimeoutException timeout -> "no answer within " + REQUEST_TIMEOUT.toSeconds() + " s";
      case ConnectException unknown when causedBy(unknown, UnresolvedAddressException.class) ->
          "its name cannot be resolved";
      case ConnectException refused -> "connection refused";
      case SSLException tls -> "TLS failed: " + tls.getMessage();
      default -> e.getMessage() == null ? "the connection broke" : e.getMessage();
    };
  }

  private static boolean causedBy(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  private static Refusal unreachable(ImageReference reference, String why) {
    return Refusal.ofField(
        Reason.REGISTRY_UNREACHABLE,
        "spec.image",
        "the registry " + reference.registry() + " cannot be asked: " + why);
  }
}
