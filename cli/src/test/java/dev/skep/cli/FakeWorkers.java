package dev.skep.cli;

import dev.skep.v1.CordonWorkerRequest;
import dev.skep.v1.CordonWorkerResponse;
import dev.skep.v1.DeleteWorkerRequest;
import dev.skep.v1.DeleteWorkerResponse;
import dev.skep.v1.DrainWorkerRequest;
import dev.skep.v1.DrainWorkerResponse;
import dev.skep.v1.ForecastWorkerLossRequest;
import dev.skep.v1.ForecastWorkerLossResponse;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.GetWorkerResponse;
import dev.skep.v1.ListWorkersRequest;
import dev.skep.v1.ListWorkersResponse;
import dev.skep.v1.PlacementForecast;
import dev.skep.v1.Rejection;
import dev.skep.v1.RotateWorkerCertificateRequest;
import dev.skep.v1.RotateWorkerCertificateResponse;
import dev.skep.v1.ServiceForecast;
import dev.skep.v1.UncordonWorkerRequest;
import dev.skep.v1.UncordonWorkerResponse;
import dev.skep.v1.UpdateWorkerRequest;
import dev.skep.v1.UpdateWorkerResponse;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerAvailability;
import dev.skep.v1.WorkerState;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Workers of which one replica leaves with every look while they drain; one without a name for its
 * zone keeps its last.
 */
final class FakeWorkers extends WorkersServiceGrpc.WorkersServiceImplBase {
  private final Map<String, Worker> workers;
  private final List<Object> requests;

  FakeWorkers(Map<String, Worker> workers, List<Object> requests) {
    this.workers = workers;
    this.requests = requests;
  }

  private Worker change(Object request, String name, Consumer<Worker.Builder> change) {
    requests.add(request);
    var worker =
        Objects.requireNonNull(workers.get(name.startsWith("id-") ? name.substring(3) : name))
            .toBuilder();
    change.accept(worker);
    workers.put(worker.getName(), worker.build());
    return worker.build();
  }

  private static <A> void answer(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  @Override
  public void listWorkers(
      ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
    answer(observer, ListWorkersResponse.newBuilder().addAllWorkers(workers.values()).build());
  }

  @Override
  public void getWorker(GetWorkerRequest request, StreamObserver<GetWorkerResponse> observer) {
    var now = change(request, request.getWorker(), FakeWorkers::next);
    answer(observer, GetWorkerResponse.newBuilder().setWorker(now).build());
  }

  private static void next(Worker.Builder worker) {
    worker.setCertificateRenewing(false);
    if (worker.getAvailability() == WorkerAvailability.WORKER_AVAILABILITY_DRAINING
        && worker.containsLabels("zone")) {
      worker.setReplicas(Math.max(0, worker.getReplicas() - 1));
      if (worker.getReplicas() == 0) {
        worker.setState(WorkerState.WORKER_STATE_DRAINED);
      }
    }
  }

  @Override
  public void cordonWorker(
      CordonWorkerRequest request, StreamObserver<CordonWorkerResponse> observer) {
    var now =
        change(
            request,
            request.getWorker(),
            w -> w.setAvailability(WorkerAvailability.WORKER_AVAILABILITY_CORDONED));
    answer(observer, CordonWorkerResponse.newBuilder().setWorker(now).build());
  }

  @Override
  public void uncordonWorker(
      UncordonWorkerRequest request, StreamObserver<UncordonWorkerResponse> observer) {
    var now =
        change(
            request,
            request.getWorker(),
            w -> w.setAvailability(WorkerAvailability.WORKER_AVAILABILITY_ACTIVE));
    answer(observer, UncordonWorkerResponse.newBuilder().setWorker(now).build());
  }

  @Override
  public void drainWorker(
      DrainWorkerRequest request, StreamObserver<DrainWorkerResponse> observer) {
    var now =
        change(
            request,
            request.getWorker(),
            w -> w.setAvailability(WorkerAvailability.WORKER_AVAILABILITY_DRAINING));
    answer(observer, DrainWorkerResponse.newBuilder().setWorker(now).build());
  }

  @Override
  public void updateWorker(
      UpdateWorkerRequest request, StreamObserver<UpdateWorkerResponse> observer) {
    var now =
        change(
            request,
            request.getWorker(),
            w -> {
              if (request.getUpdateMask().getPathsList().contains("labels")) {
                w.clearLabels().putAllLabels(request.getLabelsMap());
              } else {
                w.clearTaints().addAllTaints(request.getTaintsList());
              }
            });
    answer(observer, UpdateWorkerResponse.newBuilder().setWorker(now).build());
  }

  @Override
  public void rotateWorkerCertificate(
      RotateWorkerCertificateRequest request,
      StreamObserver<RotateWorkerCertificateResponse> observer) {
    var now = change(request, request.getWorker(), w -> w.setCertificateRenewing(true));
    answer(observer, RotateWorkerCertificateResponse.newBuilder().setWorker(now).build());
  }

  @Override
  public void deleteWorker(
      DeleteWorkerRequest request, StreamObserver<DeleteWorkerResponse> observer) {
    var gone = change(request, request.getWorker(), w -> {});
    workers.remove(gone.getName());
    answer(observer, DeleteWorkerResponse.newBuilder().setReplicas(gone.getReplicas()).build());
  }

  @Override
  public void forecastWorkerLoss(
      ForecastWorkerLossRequest request, StreamObserver<ForecastWorkerLossResponse> observer) {
    var answer = ForecastWorkerLossResponse.newBuilder();
    if (request.getWorker().equals("w1")) {
      answer.addServices(forecast("web", "lost")).setReplicasMoved(1).setReplicasDown(1);
    }
    answer(observer, answer.build());
  }

  /** One replica moves from w1 to w2, another finds no place. */
  static ServiceForecast forecast(String service, String why) {
    return ServiceForecast.newBuilder()
        .setServiceName(service)
        .addPlacements(
            PlacementForecast.newBuilder()
                .setWorkerName("w1")
                .setReplicasBefore(2)
                .setReason("it is " + why))
        .addPlacements(PlacementForecast.newBuilder().setWorkerName("w2").setReplicasAfter(1))
        .setReplicasMissing(1)
        .addRejections(rejection())
        .setWaitingFor("1 of 2 replicas have no worker; 2 workers: 2 lack 1.0 CPU")
        .build();
  }

  static Rejection rejection() {
    return Rejection.newBuilder()
        .setRule("cpu")
        .setWorkers(2)
        .setSentence("2 lack 1.0 CPU")
        .build();
  }
}
