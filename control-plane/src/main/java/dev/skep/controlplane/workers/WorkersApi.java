package dev.skep.controlplane.workers;

import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.forecast.Forecasts;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.JoinTokens;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CordonWorkerRequest;
import dev.skep.v1.CordonWorkerResponse;
import dev.skep.v1.CreateJoinTokenRequest;
import dev.skep.v1.CreateJoinTokenResponse;
import dev.skep.v1.DeleteJoinTokenRequest;
import dev.skep.v1.DeleteJoinTokenResponse;
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
import dev.skep.v1.RotateWorkerCertificateRequest;
import dev.skep.v1.RotateWorkerCertificateResponse;
import dev.skep.v1.UncordonWorkerRequest;
import dev.skep.v1.UncordonWorkerResponse;
import dev.skep.v1.UpdateWorkerRequest;
import dev.skep.v1.UpdateWorkerResponse;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The workers API. */
final class WorkersApi extends WorkersServiceGrpc.WorkersServiceImplBase {
  private static final Duration DEFAULT_TTL = Duration.ofHours(1);
  private static final Duration MIN_TTL = Duration.ofMinutes(1);
  private static final Duration MAX_TTL = Duration.ofDays(7);
  private static final int MAX_USES = 1_000;

  private final WorkerQueries workers;
  private final WorkersService service;
  private final WorkerProtos protos;
  private final InstallCommand installCommand;
  private final InstantSource clock;
  private final Forecasts forecasts;

  WorkersApi(
      WorkerQueries workers,
      WorkersService service,
      WorkerProtos protos,
      InstallCommand installCommand,
      InstantSource clock,
      Forecasts forecasts) {
    this.workers = workers;
    this.service = service;
    this.protos = protos;
    this.installCommand = installCommand;
    this.clock = clock;
    this.forecasts = forecasts;
  }

  @Override
  public void listWorkers(
      ListWorkersRequest request, StreamObserver<ListWorkersResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          WorkerFilter filter = WorkerFilter.of(request);
          List<dev.skep.v1.Worker> found =
              workers
                  .list(Paging.after(request.getPageToken()), filter, filter.rows(size + 1))
                  .stream()
                  .map(protos::worker)
                  .filter(filter::matches)
                  .limit(size + 1L)
                  .toList();
          Page<dev.skep.v1.Worker> page = Paging.page(found, size, dev.skep.v1.Worker::getName);
          return ListWorkersResponse.newBuilder()
              .addAllWorkers(page.items())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void getWorker(GetWorkerRequest request, StreamObserver<GetWorkerResponse> response) {
    Calls.answer(
        response,
        () ->
            GetWorkerResponse.newBuilder()
                .setWorker(protos.worker(workers.get(request.getWorker())))
                .build());
  }

  @Override
  public void createJoinToken(
      CreateJoinTokenRequest request, StreamObserver<CreateJoinTokenResponse> response) {
    Calls.answer(
        response,
        () -> {
          Duration ttl =
              request.hasTtl()
                  ? Duration.ofSeconds(request.getTtl().getSeconds(), request.getTtl().getNanos())
                  : DEFAULT_TTL;
          int uses = request.getUses() == 0 ? 1 : request.getUses();
          Set<WorkerRole> roles = check(request, ttl, uses);
          Instant expiresAt = clock.instant().plus(ttl);
          JoinTokens.Created created = workers.createToken(roles, uses, expiresAt);
          return CreateJoinTokenResponse.newBuilder()
              .setId(created.id().toString())
              .setToken(created.token())
              .setExpireTime(Paging.timestamp(expiresAt))
              .setInstallCommand(installCommand.line(created.token()))
              .build();
        });
  }

  private static Set<WorkerRole> check(CreateJoinTokenRequest request, Duration ttl, int uses) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (uses < 1 || uses > MAX_USES) {
      wrong.add(new FieldViolation("uses", uses + " is out of range; use 1 to " + MAX_USES));
    }
    if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
      wrong.add(
          new FieldViolation(
              "ttl",
              ttl.toSeconds() + " s is out of range; use 60 s to " + MAX_TTL.toSeconds() + " s"));
    }
    Set<WorkerRole> roles = EnumSet.noneOf(WorkerRole.class);
    for (dev.skep.v1.WorkerRole role : request.getRolesList()) {
      switch (role) {
        case WORKER_ROLE_MANAGER -> roles.add(WorkerRole.MANAGER);
        case WORKER_ROLE_RUN -> roles.add(WorkerRole.RUN);
        case WORKER_ROLE_BUILD -> roles.add(WorkerRole.BUILD);
        case WORKER_ROLE_INGRESS -> roles.add(WorkerRole.INGRESS);
        case WORKER_ROLE_UNSPECIFIED, UNRECOGNIZED ->
            wrong.add(
                new FieldViolation(
                    "roles", role + " is unknown; use manager, run, build, ingress"));
      }
    }
    Refusal.ifAny(wrong);
    return roles.isEmpty() ? EnumSet.of(WorkerRole.MANAGER, WorkerRole.RUN) : roles;
  }

  @Override
  public void deleteJoinToken(
      DeleteJoinTokenRequest request, StreamObserver<DeleteJoinTokenResponse> response) {
    Calls.answer(
        response,
        () -> {
          workers.revokeToken(request.getId());
          return DeleteJoinTokenResponse.getDefaultInstance();
        });
  }

  @Override
  public void deleteWorker(
      DeleteWorkerRequest request, StreamObserver<DeleteWorkerResponse> response) {
    Calls.answer(
        response,
        () -> {
          var removal =
              request.getForce()
                  ? WorkersService.Removal.WITH_REPLICAS
                  : WorkersService.Removal.ONLY_EMPTY;
          int replicas = service.delete(request.getWorker(), removal);
          return DeleteWorkerResponse.newBuilder().setReplicas(replicas).build();
        });
  }

  @Override
  public void updateWorker(
      UpdateWorkerRequest request, StreamObserver<UpdateWorkerResponse> response) {
    Calls.answer(
        response,
        () ->
            UpdateWorkerResponse.newBuilder()
                .setWorker(protos.worker(service.update(WorkerUpdate.of(request))))
                .build());
  }

  @Override
  public void cordonWorker(
      CordonWorkerRequest request, StreamObserver<CordonWorkerResponse> response) {
    Calls.answer(
        response,
        () ->
            CordonWorkerResponse.newBuilder()
                .setWorker(protos.worker(service.cordon(request.getWorker())))
                .build());
  }

  @Override
  public void uncordonWorker(
      UncordonWorkerRequest request, StreamObserver<UncordonWorkerResponse> response) {
    Calls.answer(
        response,
        () ->
            UncordonWorkerResponse.newBuilder()
                .setWorker(protos.worker(service.uncordon(request.getWorker())))
                .build());
  }

  @Override
  public void drainWorker(
      DrainWorkerRequest request, StreamObserver<DrainWorkerResponse> response) {
    Calls.answer(
        response,
        () ->
            DrainWorkerResponse.newBuilder()
                .setWorker(
                    protos.worker(service.drain(request.getWorker(), DrainTerms.of(request))))
                .build());
  }

  @Override
  public void forecastWorkerLoss(
      ForecastWorkerLossRequest request, StreamObserver<ForecastWorkerLossResponse> response) {
    Calls.answer(
        response,
        () -> {
          WorkerId worker = workers.get(request.getWorker()).worker().id();
          return LossProtos.response(worker, forecasts.loss(worker));
        });
  }

  @Override
  public void rotateWorkerCertificate(
      RotateWorkerCertificateRequest request,
      StreamObserver<RotateWorkerCertificateResponse> response) {
    Calls.answer(
        response,
        () ->
            RotateWorkerCertificateResponse.newBuilder()
                .setWorker(protos.worker(service.rotateCertificate(request.getWorker())))
                .build());
  }
}
