package dev.skep.cli.services;

import com.google.protobuf.Timestamp;
import dev.skep.cli.client.LogFollower;
import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Json;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.ListLogsRequest;
import dev.skep.v1.LogLine;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what the replicas of a service print. */
@Command(name = "logs", aliases = "log", description = "Show what the replicas print.")
final class LogsCommand extends SessionCommand {
  private static final int LARGEST_PAGE = 10_000;

  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with new lines until interrupted.")
  boolean follow;

  @Option(
      names = {"-n", "--tail"},
      paramLabel = "N",
      defaultValue = "100",
      description = "Last lines to show (100).")
  int tail = 100;

  @Option(names = "--since", paramLabel = "TIME", description = "Only lines since 10m, 2h, …")
  @Nullable String since;

  @Option(names = "--cursor", paramLabel = "N", description = "Only lines after this position.")
  @Nullable Long cursor;

  @Option(
      names = {"-t", "--timestamps"},
      description = "Show times and containers.")
  boolean timestamps;

  LogsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    if (follow) {
      new LogFollower(session.controlPlane(), followRequest(), this::show).run();
      return;
    }
    if (since == null && cursor == null) {
      var request = ListLogsRequest.newBuilder().setService(service).setTail(tail).build();
      session
          .call(() -> session.controlPlane().logs().listLogs(request))
          .getLinesList()
          .forEach(this::show);
      return;
    }
    showFrom(firstPage());
  }

  private void showFrom(ListLogsRequest first) {
    var request = first;
    while (true) {
      var asked = request;
      var page = session.call(() -> session.controlPlane().logs().listLogs(asked));
      page.getLinesList().forEach(this::show);
      if (page.getLinesCount() < LARGEST_PAGE) {
        return;
      }
      request = request.toBuilder().clearSince().setCursor(page.getNextCursor()).build();
    }
  }

  private ListLogsRequest firstPage() {
    var request = ListLogsRequest.newBuilder().setService(service).setPageSize(LARGEST_PAGE);
    Optional.ofNullable(cursor).ifPresent(request::setCursor);
    sinceTime().ifPresent(request::setSince);
    return request.build();
  }

  private FollowLogsRequest followRequest() {
    var request = FollowLogsRequest.newBuilder().setService(service);
    if (cursor == null && since == null) {
      request.setTail(tail);
    }
    Optional.ofNullable(cursor).ifPresent(request::setCursor);
    sinceTime().ifPresent(request::setSince);
    return request.build();
  }

  private Optional<Timestamp> sinceTime() {
    return Optional.ofNullable(since)
        .map(text -> session.clock().instant().minus(Durations.parse(text)))
        .map(t -> Timestamp.newBuilder().setSeconds(t.getEpochSecond()).build());
  }

  private void show(LogLine line) {
    if (session.options().json()) {
      session.print(Json.renderLine(line));
      return;
    }
    var prefix =
        timestamps
            ? Humans.localTime(line.getTime(), ZoneId.systemDefault())
                + " "
                + line.getContainer()
                + " "
            : "";
    session.print(prefix + Terminal.safeLog(line.getText()));
  }
}
