package dev.skep.cli.client;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.client.Pages;
import dev.skep.client.SkepClient;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentsRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Watches one deployment to its end and tells what happens on the way. */
public final class DeploymentWatch {
  private final SkepClient controlPlane;
  private final String service;
  private final String deployment;
  private final Consumer<DeploymentEvent> events;
  private long lastSequence;

  public DeploymentWatch(
      SkepClient controlPlane,
      String service,
      String deployment,
      Consumer<DeploymentEvent> events) {
    this.controlPlane = controlPlane;
    this.service = service;
    this.deployment = deployment;
    this.events = events;
  }

  /** Returns when it runs; throws with its reason when it ended in any other way. */
  public void await(Waiter waiter) throws InterruptedException {
    var ended = waiter.until("service " + service + " to run", this::poll);
    switch (ended.getState()) {
      case DEPLOYMENT_STATE_RUNNING -> {}
      case DEPLOYMENT_STATE_SUPERSEDED -> throw failed("a newer deployment took its place", ended);
      case DEPLOYMENT_STATE_CANCELLED -> throw failed("was cancelled", ended);
      case DEPLOYMENT_STATE_ROLLED_BACK ->
          throw failed("failed; the release before it is back", ended);
      default -> throw failed("failed", ended);
    }
  }

  /**
   * The state is read before the events, so that the events of an ended deployment are complete.
   */
  private Optional<Deployment> poll() {
    var found = find();
    readEvents();
    return found.filter(DeploymentWatch::hasEnded);
  }

  private Optional<Deployment> find() {
    var request = ListDeploymentsRequest.newBuilder().setService(service).setPageSize(20).build();
    return controlPlane.deployments().listDeployments(request).getDeploymentsList().stream()
        .filter(d -> d.getId().equals(deployment))
        .findFirst();
  }

  private void readEvents() {
    List<DeploymentEvent> page;
    do {
      page = controlPlane.deployments().listDeploymentEvents(nextPage()).getEventsList();
      page.forEach(this::accept);
    } while (page.size() == Pages.SIZE);
  }

  private ListDeploymentEventsRequest nextPage() {
    return ListDeploymentEventsRequest.newBuilder()
        .setService(service)
        .setAfterSequence(lastSequence)
        .setPageSize(Pages.SIZE)
        .build();
  }

  private void accept(DeploymentEvent event) {
    lastSequence = Math.max(lastSequence, event.getSequence());
    if (event.getDeploymentId().equals(deployment)) {
      events.accept(event);
    }
  }

  private static boolean hasEnded(Deployment deployment) {
    return switch (deployment.getState()) {
      case DEPLOYMENT_STATE_RUNNING,
          DEPLOYMENT_STATE_FAILED,
          DEPLOYMENT_STATE_CANCELLED,
          DEPLOYMENT_STATE_ROLLED_BACK,
          DEPLOYMENT_STATE_SUPERSEDED ->
          true;
      default -> false;
    };
  }

  private CliException failed(String how, Deployment ended) {
    var reason = ended.getReason().isBlank() ? "" : ": " + ended.getReason();
    return new CliException(
        ExitCode.DEPLOYMENT_FAILED,
        "the deployment of " + service + " " + how + reason + lastLines(ended),
        List.of(),
        "see what it printed with: skep services logs " + service,
        null);
  }

  private static String lastLines(Deployment ended) {
    return ended.getLastLogLinesCount() == 0
        ? ""
        : "\nIts last lines:\n" + String.join("\n", ended.getLastLogLinesList());
  }
}
