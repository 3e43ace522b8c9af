package dev.skep.cli.billing;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DownloadUsageRequest;
import dev.skep.v1.GetUsageRequest;
import dev.skep.v1.GetUsageResponse;
import dev.skep.v1.UsageGroup;
import dev.skep.v1.UsageResource;
import dev.skep.v1.UsageRow;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Adds up usage. */
@Command(
    name = "usage",
    description = "Show what was used and what it cost: this month, or --since.")
final class UsageCommand extends SessionCommand {
  private static final String PREFIX = "USAGE_GROUP_";
  private static final double HOUR = 3600;
  private static final double MIB_PER_GIB = 1024;

  /** What rows are added up by. */
  enum By {
    SERVICE,
    RESOURCE,
    DAY,
    HOUR
  }

  @Option(
      names = "--by",
      defaultValue = "service",
      paramLabel = "WHAT",
      description = "service, resource, day or hour (service).")
  By by = By.SERVICE;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "From then on: 7d, or 2031-01-31T12:00:00Z.")
  @Nullable String since;

  @Option(names = "--until", paramLabel = "TIME", description = "Until then.")
  @Nullable String until;

  @Option(names = "--service", paramLabel = "NAME", defaultValue = "", description = "Only of it.")
  String service = "";

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Write each hour of each service there as CSV instead; needs --since.")
  @Nullable Path file;

  UsageCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws IOException {
    if (file == null) {
      show();
    } else if (since == null) {
      throw CliException.usage("-o needs --since", "for example --since 31d");
    } else {
      download(file, since);
    }
  }

  private void download(Path target, String start) throws IOException {
    var request =
        DownloadUsageRequest.newBuilder()
            .setStartTime(Times.of(session, start))
            .setService(service);
    if (until != null) {
      request.setEndTime(Times.of(session, until));
    }
    var response =
        session.call(() -> session.controlPlane().invoices().downloadUsage(request.build()));
    Written.to(session, target, response.getFile());
  }

  private void show() {
    var request =
        GetUsageRequest.newBuilder()
            .setGroup(UsageGroup.valueOf(PREFIX + by.name()))
            .setService(service);
    if (since != null) {
      request.setStartTime(Times.of(session, since));
    }
    if (until != null) {
      request.setEndTime(Times.of(session, until));
    }
    var response = session.call(() -> session.controlPlane().billing().getUsage(request.build()));
    session.answer(response, () -> text(response));
  }

  private String text(GetUsageResponse response) {
    var table =
        by == By.RESOURCE ? Table.of("RESOURCE", "USED", "COST") : Table.of(by.name(), "COST");
    response.getRowsList().forEach(row -> add(table, row));
    return table.render(session.width())
        + "\n%s in all, hours closed until %s\n"
            .formatted(
                MoneyText.exact(response.getTotalMicros(), response.getCurrency()),
                MoneyText.time(response.getClosedUntilTime()));
  }

  private void add(Table table, UsageRow row) {
    var cost = MoneyText.exact(row.getCostMicros());
    switch (by) {
      case SERVICE ->
          table.row(
              row.getServiceName().isEmpty() ? row.getServiceId() : row.getServiceName(), cost);
      case RESOURCE ->
          table.row(
              Humans.word(row.getResource(), "USAGE_RESOURCE_"),
              quantity(row.getResource(), row.getQuantity()),
              cost);
      case DAY, HOUR -> table.row(MoneyText.time(row.getStartTime()), cost);
    }
  }

  /** As people count it. */
  static String quantity(UsageResource resource, long quantity) {
    return switch (resource) {
      case USAGE_RESOURCE_REPLICAS -> hours(quantity / HOUR) + " replica hours";
      case USAGE_RESOURCE_CPU -> hours(quantity / HOUR / 1000) + " vCPU hours";
      case USAGE_RESOURCE_MEMORY, USAGE_RESOURCE_STORAGE ->
          hours(quantity / HOUR / MIB_PER_GIB) + " GiB hours";
      case USAGE_RESOURCE_EGRESS -> Humans.bytes(quantity);
      case USAGE_RESOURCE_BUILD -> hours(quantity / 60.0) + " minutes";
      case USAGE_RESOURCE_UNSPECIFIED, UNRECOGNIZED -> Long.toString(quantity);
    };
  }

  private static String hours(double number) {
    return String.format(java.util.Locale.ROOT, "%.2f", number);
  }
}
