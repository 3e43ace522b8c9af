package dev.skep.testbed.e2e;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import dev.skep.testbed.Await;
import dev.skep.v1.BillingServiceGrpc;
import dev.skep.v1.Cluster;
import dev.skep.v1.ClustersServiceGrpc;
import dev.skep.v1.CreateJoinTokenRequest;
import dev.skep.v1.CreateOrganizationRequest;
import dev.skep.v1.CreateServiceAccountRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.DeploymentState;
import dev.skep.v1.DeploymentsServiceGrpc;
import dev.skep.v1.GetClusterRequest;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentsRequest;
import dev.skep.v1.ListLogsRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListWorkersRequest;
import dev.skep.v1.LogLine;
import dev.skep.v1.LogsServiceGrpc;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.OrganizationsServiceGrpc;
import dev.skep.v1.Role;
import dev.skep.v1.SecretsServiceGrpc;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.TemplatesServiceGrpc;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.UpdateServiceRequest;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The people's port with the admin's token, over gRPC and REST. */
final class Api implements AutoCloseable {
  /** Ample on a machine that is busy with other things. */
  private static final long SETTLED_SECONDS = 120;

  private static final long CALL_SECONDS = 30;
  private static final int PAGE = 10_000;
  private static final Set<DeploymentState> ENDED =
      EnumSet.of(
          DeploymentState.DEPLOYMENT_STATE_RUNNING,
          DeploymentState.DEPLOYMENT_STATE_FAILED,
          DeploymentState.DEPLOYMENT_STATE_CANCELLED,
          DeploymentState.DEPLOYMENT_STATE_ROLLED_BACK,
          DeploymentState.DEPLOYMENT_STATE_SUPERSEDED);

  private final ControlPlaneProcess controlPlane;
  private final String token;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();

  Api(ControlPlaneProcess controlPlane) {
    this(controlPlane, controlPlane.token());
  }

  Api(ControlPlaneProcess controlPlane, String token) {
    this.controlPlane = controlPlane;
    this.token = token;
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    this.channel =
        Grpc.newChannelBuilderForAddress(
                "127.0.0.1", controlPlane.port(), InsecureChannelCredentials.create())
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  ServicesServiceGrpc.ServicesServiceBlockingStub services() {
    return limited(ServicesServiceGrpc.newBlockingStub(channel));
  }

  DeploymentsServiceGrpc.DeploymentsServiceBlockingStub deployments() {
    return limited(DeploymentsServiceGrpc.newBlockingStub(channel));
  }

  LogsServiceGrpc.LogsServiceBlockingStub logs() {
    return limited(LogsServiceGrpc.newBlockingStub(channel));
  }

  WorkersServiceGrpc.WorkersServiceBlockingStub workers() {
    return limited(WorkersServiceGrpc.newBlockingStub(channel));
  }

  SecretsServiceGrpc.SecretsServiceBlockingStub secrets() {
    return limited(SecretsServiceGrpc.newBlockingStub(channel));
  }

  TemplatesServiceGrpc.TemplatesServiceBlockingStub templates() {
    return limited(TemplatesServiceGrpc.newBlockingStub(channel));
  }

  BillingServiceGrpc.BillingServiceBlockingStub billing() {
    return limited(BillingServiceGrpc.newBlockingStub(channel));
  }

  ClustersServiceGrpc.ClustersServiceBlockingStub clusters() {
    return limited(ClustersServiceGrpc.newBlockingStub(channel));
  }

  /** Makes an organization and a program that administers it, whose token this is. */
  String newOrganization(String name) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("skep-organization", Metadata.ASCII_STRING_MARSHALLER), name);
    var there = MetadataUtils.newAttachHeadersInterceptor(headers);
    var _ =
        limited(OrganizationsServiceGrpc.newBlockingStub(channel))
            .createOrganization(CreateOrganizationRequest.newBuilder().setName(name).build());
    var admin =
        limited(MembersServiceGrpc.newBlockingStub(channel))
            .withInterceptors(there)
            .createServiceAccount(
                CreateServiceAccountRequest.newBuilder()
                    .setName("admin-of-" + name)
                    .setRole(Role.ROLE_ADMIN)
                    .build())
            .getMember();
    return limited(TokensServiceGrpc.newBlockingStub(channel))
        .withInterceptors(there)
        .createToken(
            CreateTokenRequest.newBuilder().setName("t").setUser(admin.getUserId()).build())
        .getSecret();
  }

  /** The only cluster. */
  Cluster cluster() {
    return clusters().getCluster(GetClusterRequest.getDefaultInstance()).getCluster();
  }

  private static <T extends AbstractStub<T>> T limited(T stub) {
    return stub.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  /** A token for some machines, valid for so many seconds. */
  String joinToken(int uses, long seconds) {
    var request =
        CreateJoinTokenRequest.newBuilder()
            .setUses(uses)
            .setTtl(Duration.newBuilder().setSeconds(seconds))
            .build();
    return workers().createJoinToken(request).getToken();
  }

  List<Worker> listWorkers() {
    return workers().listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkersList();
  }

  Worker worker(String name) {
    return workers().getWorker(GetWorkerRequest.newBuilder().setWorker(name).build()).getWorker();
  }

  List<Service> listServices() {
    return services().listServices(ListServicesRequest.getDefaultInstance()).getServicesList();
  }

  /**
   * Creates a service.
   *
   * @return the id of its deployment
   */
  String create(String name, ServiceSpec spec) {
    var request = CreateServiceRequest.newBuilder().setName(name).setSpec(spec).build();
    return services().createService(request).getDeploymentId();
  }

  /** Creates a service and waits until it runs. */
  Service run(String name, ServiceSpec spec) {
    create(name, spec);
    return awaitRunning(name);
  }

  /**
   * Gives a service another image.
   *
   * @return the id of the deployment
   */
  String update(String name, String image) {
    return services()
        .updateService(
            UpdateServiceRequest.newBuilder()
                .setService(name)
                .setSpec(ServiceSpec.newBuilder().setImage(image))
                .setUpdateMask(FieldMask.newBuilder().addPaths("image"))
                .build())
        .getDeploymentId();
  }

  Service get(String name) {
    var request = GetServiceRequest.newBuilder().setService(name).build();
    return services().getService(request).getService();
  }

  void delete(String name) {
    var _ = services().deleteService(DeleteServiceRequest.newBuilder().setService(name).build());
  }

  /** The deployments of a service, the newest first. */
  List<Deployment> deployments(String service) {
    var request = ListDeploymentsRequest.newBuilder().setService(service).build();
    return limited(DeploymentsServiceGrpc.newBlockingStub(channel))
        .listDeployments(request)
        .getDeploymentsList();
  }

  /** The newest deployment of a service. */
  Deployment latest(String service) {
    return deployments(service).getFirst();
  }

  /** Waits until the newest deployment of a service has ended, well or not. */
  Deployment awaitEnd(String service) {
    return Await.seconds(SETTLED_SECONDS)
        .until(
            "the deployment of " + service + " ends",
            () -> latest(service),
            deployment -> ENDED.contains(deployment.getState()));
  }

  /** Waits until this deployment has ended, however. */
  Deployment awaitEnd(String service, String deployment) {
    return Await.seconds(SETTLED_SECONDS)
        .until(
            "deployment " + deployment + " of " + service + " ends",
            () -> deployment(service, deployment),
            found -> ENDED.contains(found.getState()));
  }

  private Deployment deployment(String service, String id) {
    var request = ListDeploymentsRequest.newBuilder().setService(service).build();
    return deployments().listDeployments(request).getDeploymentsList().stream()
        .filter(d -> d.getId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  List<DeploymentEvent> events(String service) {
    var request =
        ListDeploymentEventsRequest.newBuilder().setService(service).setPageSize(200).build();
    return deployments().listDeploymentEvents(request).getEventsList();
  }

  /** Waits until the newest deployment has ended; it has to have ended well. */
  Service awaitRunning(String service) {
    var deployment = awaitEnd(service);
    if (deployment.getState() != DeploymentState.DEPLOYMENT_STATE_RUNNING) {
      throw new AssertionError(deployment);
    }
    return get(service);
  }

  /** Everything that a service has written so far, read page by page. */
  List<LogLine> allLogs(String service) {
    var lines = new ArrayList<LogLine>();
    // A cursor of 0 would ask for the tail; everything is younger than the epoch.
    var request =
        ListLogsRequest.newBuilder()
            .setService(service)
            .setSince(com.google.protobuf.Timestamp.getDefaultInstance())
            .setPageSize(PAGE);
    while (true) {
      var page = logs().listLogs(request.build());
      lines.addAll(page.getLinesList());
      if (page.getLinesCount() < PAGE) {
        return lines;
      }
      request.setCursor(page.getNextCursor());
    }
  }

  HttpResponse<String> rest(String method, String path, String body) {
    var request =
        HttpRequest.newBuilder(URI.create(controlPlane.url() + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .timeout(java.time.Duration.ofSeconds(CALL_SECONDS))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + request, e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    http.close();
  }
}
