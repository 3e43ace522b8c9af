package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.logs.LogIngest;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/**
 * One agent's log stream. The agent may have a bounded number of batches under way: the next one is
 * asked for when one is stored, so a slow database slows the agent down instead of filling memory.
 */
final class LogStream implements StreamObserver<ShipLogsRequest>, LogIngest.Sender {
  private static final int IN_FLIGHT = 32;

  private final WorkerId worker;
  private final ServerCallStreamObserver<ShipLogsResponse> agent;
  private final LogIngest ingest;
  private volatile boolean broken;

  LogStream(WorkerId worker, ServerCallStreamObserver<ShipLogsResponse> agent, LogIngest ingest) {
    this.worker = worker;
    this.agent = agent;
    this.ingest = ingest;
    agent.disableAutoRequest();
    agent.request(IN_FLIGHT);
  }

  @Override
  public void onNext(ShipLogsRequest request) {
    if (!broken && !ingest.offer(worker, request.getBatch(), this)) {
      done(request.getBatch().getSequence(), LogIngest.overloaded());
    }
  }

  /** Called from the writer's thread; the observer is not safe for two threads at once. */
  @Override
  public synchronized void done(long sequence, Optional<RuntimeException> failure) {
    if (broken || agent.isCancelled()) {
      return;
    }
    if (failure.isPresent()) {
      broken = true;
      agent.onError(Errors.status(failure.get()));
      return;
    }
    agent.onNext(ShipLogsResponse.newBuilder().setAckedSequence(sequence).build());
    agent.request(1);
  }

  @Override
  public boolean broken() {
    return broken;
  }

  @Override
  public void onError(Throwable t) {
    // The agent dials again and resends what was not acknowledged.
  }

  @Override
  public synchronized void onCompleted() {
    if (!broken) {
      agent.onCompleted();
    }
  }
}
