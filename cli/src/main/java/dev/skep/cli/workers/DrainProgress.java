package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.client.Pages;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListServicesResponse;
import dev.skep.v1.Service;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerAvailability;
import dev.skep.v1.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells how a drain goes on: what is left, and why; each news once. */
final class DrainProgress {
  private final Session session;
  private final String worker;
  private List<String> told = List.of();

  DrainProgress(Session session, String worker) {
    this.session = session;
    this.worker = worker;
  }

  /** The worker once it is drained, whether or not it can be seen then. */
  Optional<Worker> poll() {
    var now =
        session
            .controlPlane()
            .workers()
            .getWorker(GetWorkerRequest.newBuilder().setWorker(worker).build())
            .getWorker();
    if (now.getState() == WorkerState.WORKER_STATE_DRAINED || now.getReplicas() == 0) {
      return Optional.of(now);
    }
    tell(now);
    return Optional.empty();
  }

  private void tell(Worker now) {
    var lines = new ArrayList<String>();
    lines.add(WorkerText.replicas(now.getReplicas()) + " left");
    if (now.getAvailability() != WorkerAvailability.WORKER_AVAILABILITY_DRAINING) {
      lines.add("  somebody took the drain back");
    }
    services(now).forEach(s -> lines.add("  " + s.getName() + ": " + s.getStatus().getReason()));
    if (!lines.equals(told)) {
      lines.forEach(session::progress);
      told = List.copyOf(lines);
    }
  }

  /** Those of this organization that are here and say that something is wrong. */
  private List<Service> services(Worker now) {
    return Pages.readAll(this::page, ListServicesResponse::getNextPageToken).stream()
        .flatMap(page -> page.getServicesList().stream())
        .filter(s -> !s.getStatus().getReason().isEmpty())
        .filter(
            s ->
                s.getStatus().getReplicasList().stream()
                    .anyMatch(r -> r.getWorkerId().equals(now.getId())))
        .toList();
  }

  private ListServicesResponse page(String token) {
    return session
        .controlPlane()
        .services()
        .listServices(
            ListServicesRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }
}
