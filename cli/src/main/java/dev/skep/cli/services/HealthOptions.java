package dev.skep.cli.services;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.parse.Ports;
import dev.skep.cli.parse.Words;
import dev.skep.v1.HealthCheck;
import dev.skep.v1.HttpCheck;
import dev.skep.v1.ServiceSpec;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a replica shows that it is healthy. */
final class HealthOptions {
  @Option(
      names = "--health-http",
      paramLabel = "PATH[:PORT]",
      description = "Healthy when GET answers 2xx or 3xx.")
  @Nullable String http;

  @Option(
      names = "--health-tcp",
      paramLabel = "PORT",
      description = "Healthy when a connection is accepted.")
  @Nullable String tcp;

  @Option(
      names = "--health-cmd",
      paramLabel = "WORDS",
      description = "Healthy when the command exits with 0.")
  @Nullable String command;

  @Option(names = "--health-interval", paramLabel = "TIME", description = "Between checks (5s).")
  @Nullable String interval;

  @Option(names = "--health-timeout", paramLabel = "TIME", description = "For one check (3s).")
  @Nullable String timeout;

  @Option(
      names = "--health-retries",
      paramLabel = "N",
      description = "Failures in a row that count (3).")
  @Nullable Integer retries;

  @Option(
      names = "--health-start-period",
      paramLabel = "TIME",
      description = "After a start, failures do not count (20s).")
  @Nullable String startPeriod;

  void applyTo(ServiceSpec.Builder spec, Set<String> touched) {
    if (Stream.of(http, tcp, command).filter(kind -> kind != null).count() > 1) {
      throw CliException.usage("--health-http, --health-tcp and --health-cmd exclude each other");
    }
    var check = spec.getHealthCheck().toBuilder();
    applyKind(check);
    applyTimes(check);
    if (check.build().equals(spec.getHealthCheck())) {
      return;
    }
    if (check.getKindCase() == HealthCheck.KindCase.KIND_NOT_SET) {
      throw CliException.usage(
          "a health check needs its kind", "add --health-http, --health-tcp or --health-cmd");
    }
    spec.setHealthCheck(check);
    touched.add("health_check");
  }

  private void applyKind(HealthCheck.Builder check) {
    if (http != null) {
      check.setHttp(httpCheck(http));
    }
    if (tcp != null) {
      check.getTcpBuilder().setPort(Ports.number(tcp));
    }
    if (command != null) {
      check.getCommandBuilder().clearArgv().addAllArgv(Words.split(command));
    }
  }

  private void applyTimes(HealthCheck.Builder check) {
    if (interval != null) {
      check.setInterval(Durations.proto(interval));
    }
    if (timeout != null) {
      check.setTimeout(Durations.proto(timeout));
    }
    if (retries != null) {
      check.setRetries(retries);
    }
    if (startPeriod != null) {
      check.setStartPeriod(Durations.proto(startPeriod));
    }
  }

  private static HttpCheck httpCheck(String text) {
    int colon = text.lastIndexOf(':');
    return colon < 0
        ? HttpCheck.newBuilder().setPath(text).build()
        : HttpCheck.newBuilder()
            .setPath(text.substring(0, colon))
            .setPort(Ports.number(text.substring(colon + 1)))
            .build();
  }
}
