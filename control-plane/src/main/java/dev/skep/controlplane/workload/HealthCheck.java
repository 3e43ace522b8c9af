package dev.skep.controlplane.workload;

import java.time.Duration;
import java.util.List;

/** How a replica shows that it is healthy. */
public record HealthCheck(
    Kind kind, Duration interval, Duration timeout, int retries, Duration startPeriod) {
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(3);
  public static final int DEFAULT_RETRIES = 3;
  public static final Duration DEFAULT_START_PERIOD = Duration.ofSeconds(20);

  /** What is checked. */
  public sealed interface Kind {}

  /** Healthy when a GET of the path answers with 2xx or 3xx. */
  public record Http(String path, int port) implements Kind {}

  /** Healthy when a connection is accepted. */
  public record Tcp(int port) implements Kind {}

  /** Healthy when the command exits with 0. */
  public record Command(List<String> argv) implements Kind {}

  static HealthCheck of(Kind kind) {
    return new HealthCheck(
        kind, DEFAULT_INTERVAL, DEFAULT_TIMEOUT, DEFAULT_RETRIES, DEFAULT_START_PERIOD);
  }

  /** How long a replica may take until it is healthy or given up. */
  public Duration patience() {
    return startPeriod.plus(interval.plus(timeout).multipliedBy(retries));
  }
}
