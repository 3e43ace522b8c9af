package dev.skep.cli.client;

import dev.skep.client.SkepClient;
import dev.skep.client.SkepException;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.LogLine;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Follows a log over breaks of the connection: each time it goes on after the last line it gave.
 */
public final class LogFollower {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int MOST_FAILURES = 60;

  private final SkepClient controlPlane;
  private final Consumer<LogLine> sink;
  private FollowLogsRequest request;
  private int failures;

  public LogFollower(SkepClient controlPlane, FollowLogsRequest request, Consumer<LogLine> sink) {
    this.controlPlane = controlPlane;
    this.request = request;
    this.sink = sink;
  }

  /** Ends only with an exception: a refusal, or too many breaks in a row. */
  public void run() throws InterruptedException {
    while (true) {
      Connection.call(controlPlane, this::followOnce);
      Thread.sleep(pause());
    }
  }

  private int followOnce() {
    try {
      controlPlane
          .logStreams()
          .followLogs(request)
          .forEachRemaining(batch -> batch.getLinesList().forEach(this::accept));
    } catch (StatusRuntimeException e) {
      if (!SkepException.isPassing(e.getStatus().getCode()) || ++failures > MOST_FAILURES) {
        throw e;
      }
    }
    return failures;
  }

  private void accept(LogLine line) {
    failures = 0;
    sink.accept(line);
    request = request.toBuilder().clearTail().clearSince().setCursor(line.getCursor()).build();
  }

  private Duration pause() {
    var doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 6));
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }
}
