package dev.skep.cli.quotas;

import com.google.protobuf.Timestamp;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.OverrideQuotasRequest;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.UpdateQuotaDefaultsRequest;
import dev.skep.v1.UpdateQuotasRequest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sets limits: for good, for some time, or those of new organizations. */
@Command(
    name = "set",
    description = "Set limits of the organization; each is a number or \"unlimited\".")
final class SetQuotasCommand extends SessionCommand {
  private static final Pattern DATE = Pattern.compile("\\d{4}-.*");

  @Mixin LimitOptions limits = new LimitOptions();

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Only until then: 7d, or 2031-01-31T12:00:00Z. Needs --reason.")
  @Nullable String until;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, with --until.")
  @Nullable String reason;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description = "How long use above a lower limit is tolerated (7d).")
  @Nullable String grace;

  @Option(names = "--defaults", description = "What new organizations get.")
  boolean defaults;

  SetQuotasCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var asked = limits.read();
    if (asked.isEmpty()) {
      throw CliException.usage(
          "nothing to set", "give at least one limit, for example --services 50");
    }
    if ((until == null) != (reason == null)) {
      throw CliException.usage(
          "--until and --reason go together", "give both for a limit that ends by itself");
    }
    if ((defaults && until != null) || (grace != null && (defaults || until != null))) {
      throw CliException.usage("--defaults, --until and --grace do not go together");
    }
    if (defaults) {
      setDefaults(asked);
    } else if (until != null) {
      override(asked, until);
    } else {
      update(asked);
    }
  }

  private void setDefaults(List<QuotaLimit> asked) {
    var request = UpdateQuotaDefaultsRequest.newBuilder().addAllLimits(asked).build();
    var response = session.call(() -> session.controlPlane().quotas().updateQuotaDefaults(request));
    session.answerTable(response, () -> QuotaText.defaults(response.getLimitsList()));
  }

  private void override(List<QuotaLimit> asked, String end) {
    var request =
        OverrideQuotasRequest.newBuilder()
            .addAllLimits(asked)
            .setEndTime(Timestamp.newBuilder().setSeconds(end(end).getEpochSecond()))
            .setReason(reason == null ? "" : reason)
            .build();
    var response = session.call(() -> session.controlPlane().quotas().overrideQuotas(request));
    session.answerTable(response, () -> QuotaText.table(response.getQuotasList()));
  }

  private void update(List<QuotaLimit> asked) {
    var request = UpdateQuotasRequest.newBuilder().addAllLimits(asked);
    if (grace != null) {
      request.setGrace(Durations.proto(grace));
    }
    var response =
        session.call(() -> session.controlPlane().quotas().updateQuotas(request.build()));
    session.answerTable(response, () -> QuotaText.table(response.getQuotasList()));
  }

  private Instant end(String text) {
    if (!DATE.matcher(text).matches()) {
      return session.clock().instant().plus(Durations.parse(text));
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw CliException.usage(
          "'" + text + "' is not a time", "write it like 7d or 2031-01-31T12:00:00Z");
    }
  }
}
