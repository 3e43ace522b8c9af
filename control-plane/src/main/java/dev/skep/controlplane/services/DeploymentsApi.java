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
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentEventsResponse;
import dev.skep.v1.ListDeploymentsRequest;
import dev.skep.v1.ListDeploymentsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.UUID;

/** The deployments API. */
final class DeploymentsApi extends DeploymentsServiceGrpc.DeploymentsServiceImplBase {
  private final ServicesService services;
  private final DeploymentStore store;

  DeploymentsApi(ServicesService services, DeploymentStore store) {
    this.services = services;
    this.store = store;
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
