package dev.skep.controlplane.services;

import dev.skep.controlplane.forecast.ForecastProtos;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.Forecast;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateServiceResponse;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.DeleteServiceResponse;
import dev.skep.v1.DeployServiceRequest;
import dev.skep.v1.DeployServiceResponse;
import dev.skep.v1.ExplainServiceRequest;
import dev.skep.v1.ExplainServiceResponse;
import dev.skep.v1.GetServiceMetricsRequest;
import dev.skep.v1.GetServiceMetricsResponse;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.GetServiceResponse;
import dev.skep.v1.ListReleasesRequest;
import dev.skep.v1.ListReleasesResponse;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListServicesResponse;
import dev.skep.v1.MigrateServiceRequest;
import dev.skep.v1.MigrateServiceResponse;
import dev.skep.v1.Permission;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.PlanServiceResponse;
import dev.skep.v1.Release;
import dev.skep.v1.RestartServiceRequest;
import dev.skep.v1.RestartServiceResponse;
import dev.skep.v1.RollBackServiceRequest;
import dev.skep.v1.RollBackServiceResponse;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.ScaleServiceResponse;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceForecast;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServiceState;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.StartServiceRequest;
import dev.skep.v1.StartServiceResponse;
import dev.skep.v1.StopServiceRequest;
import dev.skep.v1.StopServiceResponse;
import dev.skep.v1.UpdateServiceRequest;
import dev.skep.v1.UpdateServiceResponse;
import dev.skep.v1.WatchServiceRequest;
import dev.skep.v1.WatchServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** The services API: messages to use cases and back. */
final class ServicesApi extends ServicesServiceGrpc.ServicesServiceImplBase {
  /** Of a page that is filtered. */
  private static final int MAX_READS = 10;

  private final ServicesService services;
  private final ServiceForecasts forecasts;
  private final ServiceFollower follower;

  ServicesApi(ServicesService services, ServiceForecasts forecasts, ServiceFollower follower) {
    this.services = services;
    this.forecasts = forecasts;
    this.follower = follower;
  }

  @Override
  public void createService(
      CreateServiceRequest request, StreamObserver<CreateServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          ServiceRecord created = services.create(organization(), request);
          Service service = show(created);
          return CreateServiceResponse.newBuilder()
              .setService(service)
              .addAllWarnings(warnings(created.release()))
              .setDeploymentId(service.getStatus().getDeploymentId())
              .build();
        });
  }

  @Override
  public void getService(GetServiceRequest request, StreamObserver<GetServiceResponse> response) {
    Calls.answer(
        response,
        () ->
            GetServiceResponse.newBuilder()
                .setService(read(organization(), request.getService()))
                .build());
  }

  @Override
  public void getServiceMetrics(
      GetServiceMetricsRequest request, StreamObserver<GetServiceMetricsResponse> response) {
    Calls.answer(
        response,
        () ->
            GetServiceMetricsResponse.newBuilder()
                .addAllContainers(
                    services.read(
                        organization(), store -> store.metrics(store.id(request.getService()))))
                .build());
  }

  @Override
  public void watchService(
      WatchServiceRequest request, StreamObserver<WatchServiceResponse> response) {
    AtomicReference<Service> last = new AtomicReference<>(Service.getDefaultInstance());
    follower.<WatchServiceResponse>answer(
        response,
        organization -> services.read(organization, store -> store.id(request.getService())),
        (organization, id, outlet) -> {
          Service now = read(organization, id.toString());
          if (!now.equals(last.getAndSet(now))) {
            outlet.send(WatchServiceResponse.newBuilder().setService(now).build());
          }
        });
  }

  @Override
  public void listServices(
      ListServicesRequest request, StreamObserver<ListServicesResponse> response) {
    Calls.answer(response, () -> list(request));
  }

  /**
   * A state is derived from rows of several tables, so it is filtered after reading. A page is
   * filled from several reads, but never from all: a short page with a token is better than one
   * that takes seconds.
   */
  private ListServicesResponse list(ListServicesRequest request) {
    int size = Paging.size(request.getPageSize());
    boolean all = request.getState() == ServiceState.SERVICE_STATE_UNSPECIFIED;
    int batch = all ? size : Paging.MAX_SIZE;
    List<Service> found = new ArrayList<>();
    String next = request.getPageToken();
    int reads = 0;
    do {
      Page<Service> page = read(Paging.after(next), request.getNamePrefix(), batch);
      page.items().stream()
          .filter(service -> all || request.getState() == service.getStatus().getState())
          .forEach(found::add);
      next = page.nextToken();
    } while (!next.isEmpty() && found.size() < size && ++reads < MAX_READS);
    Page<Service> page = Paging.page(found, size, Service::getName);
    return ListServicesResponse.newBuilder()
        .addAllServices(page.items())
        .setNextPageToken(page.nextToken().isEmpty() ? next : page.nextToken())
        .build();
  }

  private Page<Service> read(String after, String prefix, int size) {
    Optional<Set<ServiceId>> seen = Calls.caller().services(Permission.PERMISSION_SERVICES_READ);
    List<Service> rows =
        services.read(
            organization(), store -> shown(store, store.list(after, prefix, seen, size + 1)));
    return Paging.page(rows, size, Service::getName);
  }

  @Override
  public void updateService(
      UpdateServiceRequest request, StreamObserver<UpdateServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          checkSecrets(request.getService(), request.getSpec());
          ServiceRecord updated = services.update(organization(), SpecUpdate.of(request));
          return UpdateServiceResponse.newBuilder()
              .setService(show(updated))
              .setDeploymentId(updated.activeDeployment())
              .addAllWarnings(warnings(updated.release()))
              .build();
        });
  }

  @Override
  public void deployService(
      DeployServiceRequest request, StreamObserver<DeployServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          ServiceRecord deployed =
              services.deploy(organization(), request.getService(), request.getImage());
          return DeployServiceResponse.newBuilder()
              .setService(show(deployed))
              .setDeploymentId(deployed.activeDeployment())
              .addAllWarnings(warnings(deployed.release()))
              .build();
        });
  }

  @Override
  public void scaleService(
      ScaleServiceRequest request, StreamObserver<ScaleServiceResponse> response) {
    Calls.answer(
        response,
        () ->
            ScaleServiceResponse.newBuilder()
                .setService(
                    show(
                        services.scale(
                            organization(), request.getService(), request.getReplicas())))
                .build());
  }

  @Override
  public void stopService(
      StopServiceRequest request, StreamObserver<StopServiceResponse> response) {
    Calls.answer(
        response,
        () ->
            StopServiceResponse.newBuilder()
                .setService(show(services.stop(organization(), request.getService())))
                .build());
  }

  @Override
  public void startService(
      StartServiceRequest request, StreamObserver<StartServiceResponse> response) {
    Calls.answer(
        response,
        () ->
            StartServiceResponse.newBuilder()
                .setService(show(services.start(organization(), request.getService())))
                .build());
  }

  @Override
  public void restartService(
      RestartServiceRequest request, StreamObserver<RestartServiceResponse> response) {
    Calls.answer(
        response,
        () ->
            RestartServiceResponse.newBuilder()
                .setService(show(services.restart(organization(), request.getService())))
                .build());
  }

  @Override
  public void rollBackService(
      RollBackServiceRequest request, StreamObserver<RollBackServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          ServiceRecord service =
              services.rollBack(organization(), request.getService(), request.getReleaseNumber());
          return RollBackServiceResponse.newBuilder()
              .setService(show(service))
              .setDeploymentId(service.activeDeployment())
              .build();
        });
  }

  @Override
  public void migrateService(
      MigrateServiceRequest request, StreamObserver<MigrateServiceResponse> response) {
    Calls.answer(
        response,
        () ->
            MigrateServiceResponse.newBuilder()
                .setService(
                    show(
                        request.getAbandonData()
                            ? services.abandonData(organization(), request.getService())
                            : services.migrate(organization(), request.getService())))
                .build());
  }

  @Override
  public void listReleases(
      ListReleasesRequest request, StreamObserver<ListReleasesResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          long before = Paging.number(request.getPageToken(), Long.MAX_VALUE);
          List<Release> rows =
              services.read(
                  organization(),
                  store -> store.releases(store.id(request.getService()), before, size + 1));
          Page<Release> page = Paging.page(rows, size, r -> String.valueOf(r.getNumber()));
          return ListReleasesResponse.newBuilder()
              .addAllReleases(page.items())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void explainService(
      ExplainServiceRequest request, StreamObserver<ExplainServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          ServiceRecord service = services.get(organization(), request.getService());
          Forecast forecast = forecasts.asIs(service);
          Service shown = show(service);
          return ExplainServiceResponse.newBuilder()
              .setState(shown.getStatus().getState())
              .setReason(shown.getStatus().getReason())
              .setForecast(ForecastProtos.forecast(forecast))
              .setRoom(forecast.room().added().values().stream().mapToInt(Integer::intValue).sum())
              .addAllRoomRejections(ForecastProtos.rejections(forecast.room()))
              .build();
        });
  }

  @Override
  public void planService(
      PlanServiceRequest request, StreamObserver<PlanServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          checkSecrets(request.getService(), request.getSpec());
          ServiceForecasts.Plan plan = forecasts.plan(organization(), request);
          ServiceForecast.Builder forecast = ForecastProtos.forecast(plan.forecast());
          if (plan.creates()) {
            forecast.clearServiceId();
          }
          return PlanServiceResponse.newBuilder()
              .setCreates(plan.creates())
              .setNewRelease(plan.newRelease())
              .setImageDigest(plan.digest())
              .setForecast(forecast)
              .addAllWarnings(warnings(plan.forecast().view().target()))
              .build();
        });
  }

  @Override
  public void deleteService(
      DeleteServiceRequest request, StreamObserver<DeleteServiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          services.delete(organization(), request.getService());
          return DeleteServiceResponse.getDefaultInstance();
        });
  }

  /** Who may write this service alone learns nothing of other secrets than those that it has. */
  private void checkSecrets(String service, ServiceSpec named) {
    if (!Calls.caller().may(Permission.PERMISSION_SERVICES_WRITE) && named.getSecretsCount() > 0) {
      SecretPins.checkKnown(services.get(organization(), service).release().spec(), named);
    }
  }

  private static List<String> warnings(dev.skep.controlplane.workload.Release release) {
    return release.spec().interruption().map(why -> "The service " + why).stream().toList();
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }

  private Service read(OrganizationId organization, String idOrName) {
    return services.read(
        organization, store -> shown(store, List.of(store.get(idOrName))).getFirst());
  }

  private Service show(ServiceRecord service) {
    return services.read(organization(), store -> shown(store, List.of(service)).getFirst());
  }

  /** With the workers that they are on. */
  private static List<Service> shown(ServiceStore store, List<ServiceRecord> services) {
    ServiceProtos protos = new ServiceProtos(store.workers(services));
    return services.stream().map(protos::service).toList();
  }
}
