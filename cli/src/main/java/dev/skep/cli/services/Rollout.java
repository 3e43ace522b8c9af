package dev.skep.cli.services;

import dev.skep.cli.client.DeploymentWatch;
import dev.skep.cli.client.Waiter;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.function.Predicate;

/** Waits for the effect of a change and tells on the way what happens. */
final class Rollout {
  private final Session session;
  private final Waiter waiter;

  Rollout(Session session, WaitOptions wait) {
    this.session = session;
    this.waiter = wait.waiter(session);
  }

  /** Waits for the deployment that a change started, or for the state when it started none. */
  void awaitRunning(Service service, String deployment) throws InterruptedException {
    if (deployment.isEmpty()) {
      await(service, "run", s -> s.getStatus().getState() == ServiceState.SERVICE_STATE_RUNNING);
      return;
    }
    new DeploymentWatch(
            session.controlPlane(),
            service.getId(),
            deployment,
            event -> session.progress("  " + Terminal.safe(event.getMessage())))
        .await(waiter);
  }

  void awaitStopped(Service service) throws InterruptedException {
    await(
        service,
        "stop",
        s ->
            s.getStatus().getState() == ServiceState.SERVICE_STATE_STOPPED
                && s.getStatus().getReplicasRunning() == 0);
  }

  void awaitGone(String id) throws InterruptedException {
    waiter.until("service " + id + " to go away", () -> isGone(id));
  }

  Service read(String service) {
    return session.call(() -> get(service));
  }

  private void await(Service service, String what, Predicate<Service> done)
      throws InterruptedException {
    waiter.until(
        "service " + service.getName() + " to " + what,
        () -> Optional.of(get(service.getId())).filter(done));
  }

  private Service get(String service) {
    return session
        .controlPlane()
        .services()
        .getService(GetServiceRequest.newBuilder().setService(service).build())
        .getService();
  }

  private Optional<Boolean> isGone(String id) {
    try {
      get(id);
      return Optional.empty();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.of(true);
      }
      throw e;
    }
  }
}
