package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.controlplane.rpc.Outlet;
import dev.skep.controlplane.rpc.Standing;
import dev.skep.controlplane.state.Change;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Streams about one service: looks again when the change feed says that something of it changed,
 * and from time to time by itself.
 */
public final class ServiceFollower {
  /** How often to look without a hint; also how long the end of a permission can stay unseen. */
  private static final Duration POLL = Duration.ofSeconds(5);

  /** A hint is about a whole cluster at times: looks are that far apart at least. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final int MAX_FOLLOWERS = 1_000;

  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
  private final Semaphore followers = new Semaphore(MAX_FOLLOWERS);

  private record Waiter(ServiceId service, Semaphore signal) {}

  /** Sends what is new since the last look. */
  interface Look<T> {
    void look(OrganizationId organization, ServiceId service, Outlet<T> outlet)
        throws InterruptedException;
  }

  /** Finds the service that a call is about. */
  interface Find {
    ServiceId find(OrganizationId organization);
  }

  /** A hint from the change feed. */
  public void changed(Change change) {
    for (Waiter waiter : waiters) {
      boolean hit =
          switch (change.topic()) {
            case SERVICE -> waiter.service.value().equals(change.id());
            case CLUSTER, EVERYTHING -> true;
            case LOGS -> false;
          };
      if (hit) {
        waiter.signal.release();
      }
    }
  }

  /** Answers the current call until the client leaves or may no longer. */
  <T> void answer(StreamObserver<T> response, Find service, Look<T> look) {
    var client = (ServerCallStreamObserver<T>) response;
    if (!followers.tryAcquire()) {
      client.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription(MAX_FOLLOWERS + " services are watched already; try again later")
              .asRuntimeException());
      return;
    }
    Outlet<T> outlet = new Outlet<>(client);
    OrganizationId organization = Calls.caller().organization();
    Standing standing = Calls.standing();
    // Not on this thread: it also runs the callback that says that the client reads again.
    Calls.goOn(
        () -> {
          try {
            follow(
                organization,
                service.find(organization),
                () -> {
                  standing.check();
                  return !client.isCancelled();
                },
                outlet,
                look);
          } catch (InterruptedException e) {
            client.onError(
                Errors.status(new Refusal(Reason.SHUTTING_DOWN, "the control plane stops")));
          } catch (RuntimeException e) {
            if (!client.isCancelled()) {
              client.onError(Errors.status(e));
            }
          } finally {
            followers.release();
          }
        });
  }

  private <T> void follow(
      OrganizationId organization,
      ServiceId service,
      java.util.function.BooleanSupplier open,
      Outlet<T> outlet,
      Look<T> look)
      throws InterruptedException {
    Waiter waiter = new Waiter(service, new Semaphore(0));
    waiters.add(waiter);
    try {
      while (open.getAsBoolean()) {
        waiter.signal.drainPermits();
        look.look(organization, service, outlet);
        Thread.sleep(PAUSE);
        waiter.signal.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
      }
    } finally {
      waiters.remove(waiter);
    }
  }
}
