package dev.skep.agent.task;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Wishes to start from. */
public final class Samples {
  public static final EngineFeatures OLD_ENGINE =
      new EngineFeatures(false, false, "/usr/lib/skep/probe");
  public static final EngineFeatures NEW_ENGINE =
      new EngineFeatures(true, true, "/usr/lib/skep/probe");

  public static final RenderService.Ids IDS = new RenderService.Ids("net1", Map.of());

  private Samples() {}

  /** Each at /run/secrets/db, 0400, of user 1 and group 2. */
  static Workload withSecrets(String... objects) {
    return workload(
        Arrays.stream(objects)
            .map(o -> new Workload.SecretFile(o, "/run/secrets/db", 0400, 1, 2))
            .toList(),
        List.of());
  }

  static Workload unreadable(String secret) {
    return workload(List.of(), List.of(secret));
  }

  static Desired.Secret secret(String name, String value) {
    return new Desired.Secret(
        "secret/" + name, 1, "s1", "o1", name, SecretBytes.of(value.getBytes(UTF_8)));
  }

  public static Workload workload() {
    return workload(List.of(), List.of());
  }

  private static Workload workload(
      List<Workload.SecretFile> secretFiles, List<String> unreadableSecrets) {
    return new Workload(
        "sha256:" + "a".repeat(64),
        List.of(),
        List.of(),
        Map.of("A", "1"),
        250,
        64L << 20,
        List.of(),
        Optional.empty(),
        Duration.ofSeconds(10),
        List.of(),
        List.of(),
        false,
        secretFiles,
        unreadableSecrets);
  }

  public static Desired.Placement placement() {
    return placement(w -> w);
  }

  public static Desired.Placement placement(UnaryOperator<Workload> change) {
    return placement(1, 1, change.apply(workload()));
  }

  public static Desired.Placement placement(long generation, long replicas, Workload workload) {
    return new Desired.Placement(
        "placement/p1",
        generation,
        "p1",
        "o1",
        "s1",
        "api",
        "r1",
        "skep-s1-w1",
        "n1",
        replicas,
        "skep-o1",
        "dnsrr",
        0,
        false,
        0,
        workload);
  }

  public static Desired.Network network(long generation) {
    return new Desired.Network("network/n1", generation, "n1", "o1", "skep-o1", "10.88.0.0/24");
  }
}
