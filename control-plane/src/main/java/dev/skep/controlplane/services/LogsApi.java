package dev.skep.controlplane.services;

import com.google.protobuf.Timestamp;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.logs.LogFollower;
import dev.skep.controlplane.logs.LogReader;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.controlplane.rpc.Outlet;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.rpc.Standing;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.FollowLogsResponse;
import dev.skep.v1.ListLogsRequest;
import dev.skep.v1.ListLogsResponse;
import dev.skep.v1.LogLine;
import dev.skep.v1.LogsServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The logs API. */
final class LogsApi extends LogsServiceGrpc.LogsServiceImplBase {
  private static final int MAX_LINES = 10_000;
  private static final int DEFAULT_TAIL = 100;
  private static final int DEFAULT_PAGE = 1_000;
  private static final int MAX_FOLLOWERS = 2_000;

  private final ServicesService services;
  private final LogReader reader;
  private final LogFollower follower;
  private final Semaphore followers = new Semaphore(MAX_FOLLOWERS);

  LogsApi(ServicesService services, LogReader reader, LogFollower follower) {
    this.services = services;
    this.reader = reader;
    this.follower = follower;
  }

  @Override
  public void listLogs(ListLogsRequest request, StreamObserver<ListLogsResponse> response) {
    Calls.answer(response, () -> list(request));
  }

  private ListLogsResponse list(ListLogsRequest request) {
    OrganizationId organization = Calls.caller().organization();
    ServiceId service = services.read(organization, store -> store.id(request.getService()));
    boolean forward = request.hasSince() || request.getCursor() > 0;
    int max =
        forward
            ? Paging.size(request.getPageSize(), DEFAULT_PAGE, MAX_LINES)
            : tail(request.getTail(), 1);
    long cursor = forward ? request.getCursor() : reader.tailCursor(organization, service, max);
    List<LogReader.Line> lines =
        reader.read(
            organization, service, new LogReader.Range(cursor, since(request.getSince()), max));
    return ListLogsResponse.newBuilder()
        .addAllLines(lines.stream().map(LogsApi::line).toList())
        .setNextCursor(lines.isEmpty() ? cursor : lines.getLast().cursor())
        .build();
  }

  @Override
  public void followLogs(FollowLogsRequest request, StreamObserver<FollowLogsResponse> response) {
    var client = (ServerCallStreamObserver<FollowLogsResponse>) response;
    if (!followers.tryAcquire()) {
      client.onError(tooMany());
      return;
    }
    Outlet<FollowLogsResponse> outlet = new Outlet<>(client);
    OrganizationId organization = Calls.caller().organization();
    Standing standing = Calls.standing();
    // Not on this thread: it also runs the callback that says that the client reads again.
    Calls.goOn(
        () -> {
          try {
            follow(organization, standing, request, client, outlet);
          } finally {
            followers.release();
          }
        });
  }

  private void follow(
      OrganizationId organization,
      Standing standing,
      FollowLogsRequest request,
      ServerCallStreamObserver<FollowLogsResponse> client,
      Outlet<FollowLogsResponse> outlet) {
    try {
      ServiceId service = services.read(organization, store -> store.id(request.getService()));
      LogFollower.Start start = start(organization, service, request);
      // Tells the client that it is heard, however long no line comes.
      client.onNext(FollowLogsResponse.getDefaultInstance());
      follower.follow(
          organization,
          service,
          start,
          () -> {
            standing.check();
            return !client.isCancelled();
          },
          lines ->
              outlet.send(
                  FollowLogsResponse.newBuilder()
                      .addAllLines(lines.stream().map(LogsApi::line).toList())
                      .build()));
    } catch (InterruptedException e) {
      client.onError(Errors.status(new Refusal(Reason.SHUTTING_DOWN, "the control plane stops")));
    } catch (RuntimeException e) {
      if (!client.isCancelled()) {
        client.onError(Errors.status(e));
      }
    }
  }

  private static StatusRuntimeException tooMany() {
    return Status.RESOURCE_EXHAUSTED
        .withDescription(MAX_FOLLOWERS + " logs are being followed already; try again later")
        .asRuntimeException();
  }

  private LogFollower.Start start(
      OrganizationId organization, ServiceId service, FollowLogsRequest request) {
    Instant since = since(request.getSince());
    if (request.hasCursor() || request.hasSince()) {
      return new LogFollower.Start(request.getCursor(), since);
    }
    int tail = tail(request.hasTail() ? request.getTail() : DEFAULT_TAIL, 0);
    return new LogFollower.Start(reader.tailCursor(organization, service, tail), since);
  }

  private static int tail(int tail, int min) {
    if (tail < 0 || tail > MAX_LINES) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "tail", tail + " is out of range; use " + min + " to " + MAX_LINES);
    }
    return tail == 0 && min > 0 ? DEFAULT_TAIL : tail;
  }

  private static Instant since(Timestamp since) {
    return Instant.ofEpochSecond(since.getSeconds(), since.getNanos());
  }

  private static LogLine line(LogReader.Line line) {
    Instant time = Instant.EPOCH.plusNanos(line.entry().getTimeUnixNanos());
    return LogLine.newBuilder()
        .setCursor(line.cursor())
        .setTime(Paging.timestamp(time))
        .setStream(
            switch (line.entry().getStream()) {
              case 1 -> "stdout";
              case 2 -> "stderr";
              default -> "gap";
            })
        .setText(line.entry().getText().toStringUtf8())
        .setContainer(line.container().substring(0, 12))
        .build();
  }
}
