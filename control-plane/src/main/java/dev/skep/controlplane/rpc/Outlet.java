package dev.skep.controlplane.rpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Sends a stream to a client that may read slowly: waits for it, but not for ever. */
public final class Outlet<T> {
  private static final int SLOW_READER_SECONDS = 60;

  private final ServerCallStreamObserver<T> client;
  private final Semaphore ready = new Semaphore(0);

  /** Must be made before the handler of the call returns. */
  public Outlet(ServerCallStreamObserver<T> client) {
    this.client = client;
    client.setOnReadyHandler(ready::release);
  }

  public void send(T message) throws InterruptedException {
    while (!client.isReady() && !client.isCancelled()) {
      if (!ready.tryAcquire(SLOW_READER_SECONDS, TimeUnit.SECONDS)) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription("the client does not read; continue after the last that it has")
            .asRuntimeException();
      }
    }
    client.onNext(message);
  }
}
