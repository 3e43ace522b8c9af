package dev.skep.cli.training;

import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateServiceResponse;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.DeploymentState;
import dev.skep.v1.DeploymentsServiceGrpc;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetInfoResponse;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.GetServiceResponse;
import dev.skep.v1.ListDeploymentEventsRequest;
import dev.skep.v1.ListDeploymentEventsResponse;
import dev.skep.v1.ListDeploymentsRequest;
import dev.skep.v1.ListDeploymentsResponse;
import dev.skep.v1.ListLogsRequest;
import dev.skep.v1.ListLogsResponse;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListServicesResponse;
import dev.skep.v1.ListWorkersRequest;
import dev.skep.v1.ListWorkersResponse;
import dev.skep.v1.LogLine;
import dev.skep.v1.LogsServiceGrpc;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.SystemServiceGrpc;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerRole;
import dev.skep.v1.WorkerState;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;

/** Answers with every kind of field set, so that the code that reads them is seen. */
final class CannedAnswers {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_700_000_000).build();
  private static final String DEPLOYMENT = "d";

  private CannedAnswers() {}

  private static <T> void answer(StreamObserver<T> observer, T value) {
    observer.onNext(value);
    observer.onCompleted();
  }

  private static Service service() {
    var service = Service.newBuilder().setId("s").setName("web").setCreateTime(TIME);
    service.getSpecBuilder().setImage("r/web:1").putEnv("A", "b").addPortsBuilder();
    service.getSpecBuilder().getHealthCheckBuilder().getHttpBuilder().setPath("/");
    service.getStatusBuilder().setState(ServiceState.SERVICE_STATE_RUNNING).addUrls("http://h:1");
    service.getStatusBuilder().addReplicasBuilder().setWorkerName("w").setState("running");
    return service.build();
  }

  static final class Services extends ServicesServiceGrpc.ServicesServiceImplBase {
    @Override
    public void listServices(
        ListServicesRequest request, StreamObserver<ListServicesResponse> observer) {
      answer(observer, ListServicesResponse.newBuilder().addServices(service()).build());
    }

    @Override
    public void getService(GetServiceRequest request, StreamObserver<GetServiceResponse> observer) {
      if (request.getService().equals("missing")) {
        observer.onError(StatusProto.toStatusRuntimeException(refusal()));
        return;
      }
      answer(observer, GetServiceResponse.newBuilder().setService(service()).build());
    }

    @Override
    public void createService(
        CreateServiceRequest request, StreamObserver<CreateServiceResponse> observer) {
      var response = CreateServiceResponse.newBuilder().setService(service());
      answer(observer, response.setDeploymentId(DEPLOYMENT).build());
    }

    private static Status refusal() {
      var problem = BadRequest.newBuilder();
      problem.addFieldViolationsBuilder().setField("service").setDescription("is not there");
      return Status.newBuilder()
          .setCode(Code.NOT_FOUND_VALUE)
          .addDetails(Any.pack(problem.build()))
          .build();
    }
  }

  static final class Deployments extends DeploymentsServiceGrpc.DeploymentsServiceImplBase {
    @Override
    public void listDeployments(
        ListDeploymentsRequest request, StreamObserver<ListDeploymentsResponse> observer) {
      var running =
          Deployment.newBuilder()
              .setId(DEPLOYMENT)
              .setState(DeploymentState.DEPLOYMENT_STATE_RUNNING)
              .setCreateTime(TIME)
              .setEndTime(TIME);
      answer(observer, ListDeploymentsResponse.newBuilder().addDeployments(running).build());
    }

    @Override
    public void listDeploymentEvents(
        ListDeploymentEventsRequest request,
        StreamObserver<ListDeploymentEventsResponse> observer) {
      var event = DeploymentEvent.newBuilder().setDeploymentId(DEPLOYMENT).setTime(TIME);
      answer(observer, ListDeploymentEventsResponse.newBuilder().addEvents(event).build());
    }
  }

  static final class Workers extends WorkersServiceGrpc.WorkersServiceImplBase {
    @Override
    public void listWorkers(
        ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
      var worker =
          Worker.newBuilder()
              .setName("w")
              .setState(WorkerState.WORKER_STATE_ONLINE)
              .addRoles(WorkerRole.WORKER_ROLE_RUN)
              .setLastHeartbeatTime(TIME);
      answer(observer, ListWorkersResponse.newBuilder().addWorkers(worker).build());
    }
  }

  static final class Logs extends LogsServiceGrpc.LogsServiceImplBase {
    @Override
    public void listLogs(ListLogsRequest request, StreamObserver<ListLogsResponse> observer) {
      var line = LogLine.newBuilder().setCursor(1).setText("hello").setTime(TIME);
      answer(observer, ListLogsResponse.newBuilder().addLines(line).build());
    }
  }

  static final class SystemInfo extends SystemServiceGrpc.SystemServiceImplBase {
    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> observer) {
      answer(observer, GetInfoResponse.newBuilder().setVersion("0").build());
    }
  }
}
