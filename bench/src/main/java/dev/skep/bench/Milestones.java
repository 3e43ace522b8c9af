package dev.skep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.function.Predicate;

/**
 * Where one creation was when, in milliseconds after the call. The clocks are the same: all of it
 * runs on one machine. What comes from a log is a millisecond coarse.
 *
 * @param answered the API's answer, after the commit
 * @param planned the leader's commit
 * @param received the agent has made the assignment durable and begins
 * @param created Swarm has the service
 * @param running Swarm's own time of the task
 * @param seen our poller saw that
 * @param apiRunning the API says so
 */
record Milestones(
    double answered,
    double planned,
    double received,
    double created,
    double running,
    double seen,
    double apiRunning) {
  private static final DateTimeFormatter AGENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ");

  /** What the measuring process saw itself. */
  record Own(Instant called, double answered, double seen, double apiRunning) {}

  /** Where the others wrote what they did. */
  record Logs(Path controlPlane, Path agent) {}

  static Milestones of(Own own, String name, JsonNode service, JsonNode task, Logs logs) {
    var placement =
        "placement/" + service.path("Spec").path("Labels").path("dev.skep.placement").asText();
    return new Milestones(
        own.answered,
        since(
            own,
            Instant.parse(
                stamp(logs.controlPlane, line -> line.contains("service " + name + " ")))),
        since(
            own,
            OffsetDateTime.parse(
                    stamp(logs.agent, line -> line.contains(placement + ": CreateService")), AGENT)
                .toInstant()),
        since(own, Instant.parse(service.path("CreatedAt").asText())),
        since(own, Instant.parse(task.path("Status").path("Timestamp").asText())),
        own.seen,
        own.apiRunning);
  }

  private static double since(Own own, Instant instant) {
    return Duration.between(own.called, instant).toNanos() / 1e6;
  }

  private static String stamp(Path log, Predicate<String> wanted) {
    try (var lines = Files.lines(log)) {
      return lines
          .filter(wanted)
          .findFirst()
          .map(line -> line.substring(0, line.indexOf(' ')))
          .orElseThrow(() -> new IllegalStateException("a line is missing in " + log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
