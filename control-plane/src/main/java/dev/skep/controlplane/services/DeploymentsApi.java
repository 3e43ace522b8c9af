package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CancelDeploymentRequest;
import dev.skep.v1.CancelDeploymentResponse;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.DeploymentsServiceGrpc;
import dev.skep.v1.FollowDeploymentEventsRequest;
import dev.skep.v1.FollowDeploymentEventsResponse;
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentEventsResponse;
import dev.skep.v1.ListDeploymentsRequest;
import dev.skep.v1.ListDeploymentsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** The deployments API. */
final class DeploymentsApi extends DeploymentsServiceGrpc.DeploymentsServiceImplBase {
  private final ServicesService services;
  private static final int EVENTS_AT_ONCE = 200;

  private final DeploymentStore store;
  private final ServiceFollower follower;

  DeploymentsApi(ServicesService services, DeploymentStore store, ServiceFollower follower) {
    this.services = services;
    this.store = store;
    this.follower = follower;
  }

  @Override
  public void listDeployments(
      ListDeploymentsRequest request, StreamObserver<ListDeploymentsResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<Deployment> rows =
              store.list(organization(), id(request.getService()), before(request), size + 1);
          Page<Deployment> page = Paging.page(rows, size, Deployment::getId);
          return ListDeploymentsResponse.newBuilder()
              .addAllDeployments(page.items())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void listDeploymentEvents(
      ListDeploymentEventsRequest request, StreamObserver<ListDeploymentEventsResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<DeploymentEvent> events =
              store.events(
                  organization(), id(request.getService()), request.getAfterSequence(), size);
          return ListDeploymentEventsResponse.newBuilder().addAllEvents(events).build();
        });
  }

  @Override
  public void followDeploymentEvents(
      FollowDeploymentEventsRequest request,
      StreamObserver<FollowDeploymentEventsResponse> response) {
    AtomicLong last = new AtomicLong(request.getAfterSequence());
    // Tells the client that it is heard, however long nothing happens.
    AtomicBoolean heard = new AtomicBoolean();
    follower.<FollowDeploymentEventsResponse>answer(
        response,
        organization -> services.read(organization, s -> s.id(request.getService())),
        (organization, service, outlet) -> {
          List<DeploymentEvent> events = next(organization, service, last);
          while (!events.isEmpty() || !heard.getAndSet(true)) {
            outlet.send(FollowDeploymentEventsResponse.newBuilder().addAllEvents(events).build());
            events = next(organization, service, last);
          }
        });
  }

  /** Also says when the service is gone. */
  private List<DeploymentEvent> next(
      OrganizationId organization, ServiceId service, AtomicLong last) {
    var _ = services.read(organization, s -> s.id(service.toString()));
    List<DeploymentEvent> events = store.events(organization, service, last.get(), EVENTS_AT_ONCE);
    if (!events.isEmpty()) {
      last.set(events.getLast().getSequence());
    }
    return events;
  }

  @Override
  public void cancelDeployment(
      CancelDeploymentRequest request, StreamObserver<CancelDeploymentResponse> response) {
    Calls.answer(
        response,
        () -> {
          services.cancel(organization(), request.getService(), request.getDeployment());
          Deployment newest =
              store.list(organization(), id(request.getService()), new UUID(-1, -1), 1).getFirst();
          return CancelDeploymentResponse.newBuilder().setDeployment(newest).build();
        });
  }

  private static UUID before(ListDeploymentsRequest request) {
    String key = Paging.after(request.getPageToken());
    try {
      return key.isEmpty() ? new UUID(-1, -1) : UUID.fromString(key);
    } catch (IllegalArgumentException e) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "page_token", "is not a token of an earlier answer");
    }
  }

  private ServiceId id(String service) {
    return services.read(organization(), s -> s.id(service));
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
