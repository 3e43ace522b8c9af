package dev.skep.cli;

import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateServiceResponse;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.DeleteServiceResponse;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.DeploymentState;
import dev.skep.v1.DeploymentsServiceGrpc;
import dev.skep.v1.ExplainServiceRequest;
import dev.skep.v1.ExplainServiceResponse;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.FollowLogsResponse;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetInfoResponse;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.GetServiceResponse;
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentEventsResponse;
import dev.skep.v1.ListDeploymentsRequest;
import dev.skep.v1.ListDeploymentsResponse;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListServicesResponse;
import dev.skep.v1.LogLine;
import dev.skep.v1.LogsServiceGrpc;
import dev.skep.v1.MigrateServiceRequest;
import dev.skep.v1.MigrateServiceResponse;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.PlanServiceResponse;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceForecast;
import dev.skep.v1.ServiceState;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.SystemServiceGrpc;
import dev.skep.v1.UpdateServiceRequest;
import dev.skep.v1.UpdateServiceResponse;
import dev.skep.v1.Worker;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Behaves as a control plane whose deployments end after two looks, in a state of choice. */
final class FakeControlPlane implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> ORGANIZATION =
      Metadata.Key.of("skep-organization", Metadata.ASCII_STRING_MARSHALLER);

  final Map<String, Service> services = new ConcurrentSkipListMap<>();
  final Map<String, Worker> workers = new ConcurrentSkipListMap<>();
  final List<Object> requests = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  final List<String> keys = new CopyOnWriteArrayList<>();
  final List<String> organizations = new CopyOnWriteArrayList<>();
  final FakePeople people = new FakePeople(requests);
  final FakeAccount account = new FakeAccount(requests);
  final AtomicInteger looks = new AtomicInteger();
  volatile DeploymentState end = DeploymentState.DEPLOYMENT_STATE_RUNNING;
  volatile String reason = "";
  volatile com.google.rpc.@Nullable Status refusal;
  private final Server server;

  private FakeControlPlane(ServerCredentials credentials) throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server =
        OkHttpServerBuilder.forPort(anyPort, credentials)
            .addService(new Services())
            .addService(new Deployments())
            .addService(new Logs())
            .addService(new FakeWorkers(workers, requests))
            .addService(new FakeClusters(requests))
            .addService(new FakeNotifications())
            .addService(new FakeVolumes(requests))
            .addService(account)
            .addService(new FakeSso(requests))
            .addService(new FakeSecrets(requests))
            .addService(new FakeTemplates(requests))
            .addService(new FakeQuotas(requests))
            .addService(new FakeBilling(requests))
            .addService(new FakeInvoices(requests))
            .addService(new FakePayments(requests))
            .addServices(
                people.services().stream().map(io.grpc.BindableService::bindService).toList())
            .addService(new SystemInfo())
            .intercept(new Gate())
            .build()
            .start();
  }

  static FakeControlPlane start() throws IOException {
    return new FakeControlPlane(InsecureServerCredentials.create());
  }

  static FakeControlPlane start(ServerCredentials credentials) throws IOException {
    return new FakeControlPlane(credentials);
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private <Q, A> void answer(Q request, StreamObserver<A> observer, A answer) {
    requests.add(request);
    observer.onNext(answer);
    observer.onCompleted();
  }

  private Service find(String name) {
    return services.values().stream()
        .filter(s -> s.getName().equals(name) || s.getId().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Status.NOT_FOUND
                    .withDescription("service '" + name + "' does not exist")
                    .asRuntimeException());
  }

  /** Records the token and refuses every call while there is a refusal. */
  private final class Gate implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      authorizations.add(String.valueOf(headers.get(AUTHORIZATION)));
      var key = headers.get(KEY);
      if (key != null) {
        keys.add(key);
      }
      organizations.add(String.valueOf(headers.get(ORGANIZATION)));
      var refused = refusal;
      if (refused == null) {
        return next.startCall(call, headers);
      }
      var exception = StatusProto.toStatusRuntimeException(refused);
      var trailers = exception.getTrailers();
      call.close(exception.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
  }

  private final class Services extends ServicesServiceGrpc.ServicesServiceImplBase {
    @Override
    public void listServices(
        ListServicesRequest request, StreamObserver<ListServicesResponse> observer) {
      var all = List.copyOf(services.values());
      int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
      int to = Math.min(all.size(), from + 2);
      var page = ListServicesResponse.newBuilder().addAllServices(all.subList(from, to));
      answer(
          request,
          observer,
          page.setNextPageToken(to < all.size() ? Integer.toString(to) : "").build());
    }

    @Override
    public void getService(GetServiceRequest request, StreamObserver<GetServiceResponse> observer) {
      try {
        var found = find(request.getService());
        answer(request, observer, GetServiceResponse.newBuilder().setService(found).build());
      } catch (StatusRuntimeException e) {
        observer.onError(e);
      }
    }

    @Override
    public void createService(
        CreateServiceRequest request, StreamObserver<CreateServiceResponse> observer) {
      var service =
          Service.newBuilder().setId("id-" + request.getName()).setName(request.getName());
      service.setSpec(request.getSpec()).setEtag("e1");
      service.getStatusBuilder().setState(ServiceState.SERVICE_STATE_RUNNING);
      service.getStatusBuilder().setReplicasWanted(1).setReplicasRunning(1);
      services.put(service.getName(), service.build());
      var response = CreateServiceResponse.newBuilder().setService(service).setDeploymentId("d1");
      if (request.getSpec().getVolumesCount() > 0) {
        response.addWarnings("The service cannot be updated without interruption");
      }
      answer(request, observer, response.build());
    }

    @Override
    public void updateService(
        UpdateServiceRequest request, StreamObserver<UpdateServiceResponse> observer) {
      var service = find(request.getService()).toBuilder().setSpec(request.getSpec()).build();
      services.put(service.getName(), service);
      var response = UpdateServiceResponse.newBuilder().setService(service).setDeploymentId("d1");
      answer(request, observer, response.build());
    }

    @Override
    public void explainService(
        ExplainServiceRequest request, StreamObserver<ExplainServiceResponse> observer) {
      answer(
          request,
          observer,
          ExplainServiceResponse.newBuilder()
              .setState(ServiceState.SERVICE_STATE_PENDING)
              .setForecast(forecast())
              .setRoom(0)
              .addRoomRejections(FakeWorkers.rejection())
              .build());
    }

    @Override
    public void planService(
        PlanServiceRequest request, StreamObserver<PlanServiceResponse> observer) {
      answer(
          request,
          observer,
          PlanServiceResponse.newBuilder()
              .setCreates(request.getUpdateMask().getPathsCount() == 0)
              .setNewRelease(true)
              .setImageDigest("sha256:1")
              .setForecast(forecast())
              .build());
    }

    @Override
    public void migrateService(
        MigrateServiceRequest request, StreamObserver<MigrateServiceResponse> observer) {
      var response = MigrateServiceResponse.newBuilder().setService(find(request.getService()));
      answer(request, observer, response.build());
    }

    private static ServiceForecast forecast() {
      return FakeWorkers.forecast("web", "drained");
    }

    @Override
    public void deleteService(
        DeleteServiceRequest request, StreamObserver<DeleteServiceResponse> observer) {
      services.remove(find(request.getService()).getName());
      answer(request, observer, DeleteServiceResponse.getDefaultInstance());
    }
  }

  private final class Deployments extends DeploymentsServiceGrpc.DeploymentsServiceImplBase {
    @Override
    public void listDeployments(
        ListDeploymentsRequest request, StreamObserver<ListDeploymentsResponse> observer) {
      var state = looks.incrementAndGet() < 2 ? DeploymentState.DEPLOYMENT_STATE_DEPLOYING : end;
      var deployment = Deployment.newBuilder().setId("d1").setState(state).setReason(reason);
      if (!reason.isEmpty()) {
        deployment.addLastLogLines("no such table: users");
      }
      answer(
          request,
          observer,
          ListDeploymentsResponse.newBuilder().addDeployments(deployment).build());
    }

    @Override
    public void listDeploymentEvents(
        ListDeploymentEventsRequest request,
        StreamObserver<ListDeploymentEventsResponse> observer) {
      var response = ListDeploymentEventsResponse.newBuilder();
      var sequence = request.getAfterSequence() + 1;
      if (sequence <= 2) {
        response.addEvents(
            DeploymentEvent.newBuilder()
                .setSequence(sequence)
                .setDeploymentId(sequence == 1 ? "d0" : "d1")
                .setMessage("event " + sequence));
      }
      answer(request, observer, response.build());
    }
  }

  /** Breaks the stream after each second line, and ends after the fifth. */
  private final class Logs extends LogsServiceGrpc.LogsServiceImplBase {
    @Override
    public void followLogs(FollowLogsRequest request, StreamObserver<FollowLogsResponse> observer) {
      requests.add(request);
      if (request.getCursor() >= 5) {
        observer.onError(Status.NOT_FOUND.withDescription("gone").asRuntimeException());
        return;
      }
      for (long next = request.getCursor() + 1; next <= request.getCursor() + 2; next++) {
        var line = LogLine.newBuilder().setCursor(next).setText("line " + next);
        observer.onNext(FollowLogsResponse.newBuilder().addLines(line).build());
      }
      observer.onError(Status.UNAVAILABLE.asRuntimeException());
    }
  }

  private final class SystemInfo extends SystemServiceGrpc.SystemServiceImplBase {
    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> observer) {
      var info = GetInfoResponse.newBuilder().setVersion("1.2.3").setTokenName("admin");
      answer(request, observer, info.setOrganizationName("acme").build());
    }
  }
}
