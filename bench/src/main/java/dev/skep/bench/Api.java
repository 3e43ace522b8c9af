package dev.skep.bench;

import dev.skep.testbed.Await;
import dev.skep.v1.CordonWorkerRequest;
import dev.skep.v1.CreateJoinTokenRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListWorkersRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServiceState;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.UncordonWorkerRequest;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerState;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The product's API, as any client sees it. */
final class Api implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final ManagedChannel channel;
  private final ServicesServiceGrpc.ServicesServiceBlockingStub services;
  private final WorkersServiceGrpc.WorkersServiceBlockingStub workers;

  Api(int port, String token) {
    this.channel = OkHttpChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    var headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    var bearer = MetadataUtils.newAttachHeadersInterceptor(headers);
    this.services = ServicesServiceGrpc.newBlockingStub(channel).withInterceptors(bearer);
    this.workers = WorkersServiceGrpc.newBlockingStub(channel).withInterceptors(bearer);
  }

  Service create(String name, ServiceSpec spec) {
    var request = CreateServiceRequest.newBuilder().setName(name).setSpec(spec);
    return services.createService(request.build()).getService();
  }

  void delete(String name) {
    var _ = services.deleteService(DeleteServiceRequest.newBuilder().setService(name).build());
  }

  void awaitRunning(String name, Duration every) {
    Await.atMost(LIMIT)
        .every(every)
        .until(name + " is running", () -> state(name) == ServiceState.SERVICE_STATE_RUNNING);
  }

  /** Waits until that many services exist, running or being deleted. */
  void awaitCount(int count) {
    Await.atMost(LIMIT)
        .every(Duration.ofMillis(50))
        .until(count + " services are left", this::list, list -> list.size() == count);
  }

  void awaitAllRunning(Duration every) {
    Await.atMost(LIMIT)
        .every(every)
        .until("all services are running", this::list, list -> list.stream().allMatch(Api::runs));
  }

  static boolean runs(Service service) {
    return service.getStatus().getState() == ServiceState.SERVICE_STATE_RUNNING;
  }

  void cordon(String worker) {
    var _ = workers.cordonWorker(CordonWorkerRequest.newBuilder().setWorker(worker).build());
  }

  void uncordon(String worker) {
    var _ = workers.uncordonWorker(UncordonWorkerRequest.newBuilder().setWorker(worker).build());
  }

  void awaitWorkers(int count) {
    Await.atMost(LIMIT)
        .every(Duration.ofMillis(50))
        .until(
            count + " workers are online",
            this::workers,
            list -> list.stream().filter(Api::useful).count() == count);
  }

  String joinToken() {
    return joinToken(1);
  }

  String joinToken(int uses) {
    var request = CreateJoinTokenRequest.newBuilder().setUses(uses).build();
    return workers.createJoinToken(request).getToken();
  }

  /** Waits until a worker is there, with its engine in the Swarm. */
  void awaitWorker() {
    Await.atMost(LIMIT)
        .every(Duration.ofMillis(20))
        .until("a worker is online", this::workers, list -> list.stream().anyMatch(Api::useful));
  }

  private static boolean useful(Worker worker) {
    return worker.getState() == WorkerState.WORKER_STATE_ONLINE
        && !worker.getFacts().getSwarmNodeId().isEmpty();
  }

  List<Worker> workers() {
    var request = ListWorkersRequest.newBuilder().setPageSize(100).build();
    return workers.listWorkers(request).getWorkersList();
  }

  List<Service> list() {
    List<Service> all = new ArrayList<>();
    String page = "";
    do {
      var request = ListServicesRequest.newBuilder().setPageSize(100).setPageToken(page).build();
      var response = services.listServices(request);
      all.addAll(response.getServicesList());
      page = response.getNextPageToken();
    } while (!page.isEmpty());
    return all;
  }

  private ServiceState state(String name) {
    var request = GetServiceRequest.newBuilder().setService(name).build();
    return services.getService(request).getService().getStatus().getState();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
