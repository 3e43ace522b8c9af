package dev.skep.cli.billing;

import com.google.protobuf.Timestamp;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Times as people write them. */
final class Times {
  private Times() {}

  /** So long ago, or then. */
  static Timestamp of(Session session, String text) {
    var instant =
        text.matches("\\d{4}-.*")
            ? parse(text)
            : session.clock().instant().minus(Durations.parse(text));
    return Timestamp.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }

  private static Instant parse(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw CliException.usage(
          "'" + text + "' is not a time", "write it like 7d or 2031-01-31T12:00:00Z");
    }
  }
}
