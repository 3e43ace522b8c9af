package dev.skep.controlplane.workload;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A parsed image reference, by the grammar of the distribution project.
 *
 * @param registry host[:port]; registry-1.docker.io when none was written
 * @param repository for example library/nginx
 * @param tag latest when neither tag nor digest was written
 * @param digest sha256:…, empty when not given
 */
public record ImageReference(String registry, String repository, String tag, String digest) {
  public static final String DEFAULT_REGISTRY = "registry-1.docker.io";

  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
  private static final int MAX_PORT = 65_535;
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "(?:(?<registry>localhost(?::\\d{1,5})?|"
              + LABEL
              + "(?:\\."
              + LABEL
              + ")+(?::\\d{1,5})?|"
              + LABEL
              + ":\\d{1,5})/)?"
              + "(?<repository>"
              + COMPONENT
              + "(?:/"
              + COMPONENT
              + ")*)"
              + "(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
              + "(?:@(?<digest>sha256:[a-f0-9]{64}))?");

  /** Empty when the text does not follow the grammar. */
  public static Optional<ImageReference> parse(String text) {
    Matcher m = GRAMMAR.matcher(text);
    if (text.length() > 512 || !m.matches()) {
      return Optional.empty();
    }
    String registry = m.group("registry");
    if (registry != null && port(registry) > MAX_PORT) {
      return Optional.empty();
    }
    String repository = m.group("repository");
    boolean hub = registry == null || registry.equals("docker.io");
    String path = hub && !repository.contains("/") ? "library/" + repository : repository;
    String digest = m.group("digest") == null ? "" : m.group("digest");
    String tag = m.group("tag") != null ? m.group("tag") : digest.isEmpty() ? "latest" : "";
    return Optional.of(new ImageReference(hub ? DEFAULT_REGISTRY : registry, path, tag, digest));
  }

  private static int port(String registry) {
    int colon = registry.indexOf(':');
    return colon < 0 ? 0 : Integer.parseInt(registry.substring(colon + 1));
  }

  /** What an engine pulls: name@digest, never a tag. */
  public String pinned(String resolvedDigest) {
    String host = registry.equals(DEFAULT_REGISTRY) ? "docker.io" : registry;
    return host + "/" + repository + "@" + resolvedDigest;
  }
}
