package dev.skep.agent;

import dev.skep.agent.link.Endpoint;
import dev.skep.agent.link.JoinToken;
import dev.skep.agent.report.MachineFacts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The environment, checked. A wrong value stops the start with its name and what would be right.
 */
record Config(
    Path dataDir,
    List<String> controlPlanes,
    Optional<Path> joinTokenFile,
    String name,
    Map<String, String> labels,
    URI dockerHost,
    String advertiseAddress,
    Path probeDir) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9./_-]{0,62}=[A-Za-z0-9._-]{0,63}");

  /** A value that cannot be used. */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrong(String name, String value, String right) {
      super(name + "=" + value + " is wrong: " + right);
    }
  }

  static Config of(Map<String, String> env) {
    return new Config(
        path(env, "SKEP_AGENT_DATA_DIR", "/var/lib/skep-agent"),
        value(env, "SKEP_CONTROL_PLANE").map(Config::endpoints).orElse(List.of()),
        value(env, "SKEP_JOIN_TOKEN_FILE").map(f -> path(env, "SKEP_JOIN_TOKEN_FILE", f)),
        name(env),
        labels(env),
        dockerHost(env),
        advertiseAddress(env),
        path(env, "SKEP_PROBE_DIR", "/usr/lib/skep/probe"));
  }

  /** The join token from its file, which nobody else may read. */
  JoinToken joinToken() {
    var file =
        joinTokenFile.orElseThrow(
            () -> new Wrong("SKEP_JOIN_TOKEN_FILE", "", "a file with a join token, to enrol with"));
    try {
      if (!Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)
          .containsAll(Files.getPosixFilePermissions(file))) {
        throw new Wrong(
            "SKEP_JOIN_TOKEN_FILE", file.toString(), "only its owner may read it (0600)");
      }
      return JoinToken.parse(Files.readString(file))
          .orElseThrow(
              () ->
                  new Wrong(
                      "SKEP_JOIN_TOKEN_FILE",
                      file.toString(),
                      "it must hold one token like skj1.<id>.<secret>.<pin>"));
    } catch (IOException e) {
      throw new Wrong("SKEP_JOIN_TOKEN_FILE", file.toString(), "a file that can be read");
    }
  }

  private static Optional<String> value(Map<String, String> env, String name) {
    return Optional.ofNullable(env.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static Path path(Map<String, String> env, String name, String otherwise) {
    String text = value(env, name).orElse(otherwise);
    if (!text.startsWith("/")) {
      throw new Wrong(name, text, "an absolute path, for example " + otherwise);
    }
    return Path.of(text).normalize();
  }

  private static List<String> endpoints(String text) {
    try {
      var endpoints = List.of(text.split("\\s*,\\s*", -1));
      endpoints.forEach(Endpoint::parse);
      return endpoints;
    } catch (IllegalArgumentException e) {
      throw new Wrong(
          "SKEP_CONTROL_PLANE",
          text,
          "host:port[,host:port], for example control.example.com:7443");
    }
  }

  private static String name(Map<String, String> env) {
    String name =
        value(env, "SKEP_WORKER_NAME")
            .orElseGet(() -> MachineFacts.hostname().toLowerCase(java.util.Locale.ROOT));
    if (!NAME.matcher(name).matches()) {
      throw new Wrong("SKEP_WORKER_NAME", name, "1 to 63 of a-z, 0-9 and -, for example worker-1");
    }
    return name;
  }

  private static Map<String, String> labels(Map<String, String> env) {
    var all = new TreeMap<String, String>();
    for (String one : value(env, "SKEP_WORKER_LABELS").orElse("").split(",", -1)) {
      String label = one.strip();
      if (label.isEmpty()) {
        continue;
      }
      if (!LABEL.matcher(label).matches()) {
        throw new Wrong("SKEP_WORKER_LABELS", label, "k=v,k=v, for example zone=a,disk=ssd");
      }
      int equals = label.indexOf('=');
      all.put(label.substring(0, equals), label.substring(equals + 1));
    }
    return Map.copyOf(all);
  }

  private static URI dockerHost(Map<String, String> env) {
    String text = value(env, "DOCKER_HOST").orElse("unix:///var/run/docker.sock");
    if (!text.startsWith("unix:///")) {
      throw new Wrong(
          "DOCKER_HOST", text, "a unix socket, for example unix:///var/run/docker.sock");
    }
    return URI.create(text);
  }

  private static String advertiseAddress(Map<String, String> env) {
    var wish = value(env, "DOCKER_SWARM_ADVERTISE_ADDR");
    if (wish.isPresent()) {
      String host = wish.get().replaceFirst(":[0-9]{1,5}$", "");
      if (!MachineFacts.resolves(host)) {
        throw new Wrong(
            "DOCKER_SWARM_ADVERTISE_ADDR", wish.get(), "an address that other workers reach");
      }
      return wish.get();
    }
    return MachineFacts.defaultRouteAddress()
        .orElseThrow(
            () ->
                new Wrong(
                    "DOCKER_SWARM_ADVERTISE_ADDR",
                    "",
                    "this machine has no default route; set the address that other workers reach"));
  }
}
