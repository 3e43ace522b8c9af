package dev.skep.controlplane.services;

import dev.skep.controlplane.forecast.Forecasts;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.Forecast;
import dev.skep.controlplane.reconcile.Goal;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.controlplane.workload.Wanted;
import dev.skep.v1.PlanServiceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** What would become of services; checks what the real calls check and writes nothing. */
final class ServiceForecasts {
  private final ServicesService services;
  private final ImageResolver images;
  private final Forecasts forecasts;
  private final Supplier<UUID> ids;

  ServiceForecasts(
      ServicesService services, ImageResolver images, Forecasts forecasts, Supplier<UUID> ids) {
    this.services = services;
    this.images = images;
    this.forecasts = forecasts;
    this.ids = ids;
  }

  /** What a create or an update would do. */
  record Plan(boolean creates, boolean newRelease, String digest, Forecast forecast) {}

  Forecast asIs(ServiceRecord service) {
    return forecasts.asIs(service.id()).orElseThrow(() -> gone(service));
  }

  Plan plan(OrganizationId organization, PlanServiceRequest request) {
    return request.getUpdateMask().getPathsCount() == 0
        ? create(organization, request)
        : update(organization, SpecUpdate.of(request));
  }

  private Plan create(OrganizationId organization, PlanServiceRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    for (FieldViolation violation : SpecRules.name(request.getService())) {
      wrong.add(new FieldViolation("service", violation.description()));
    }
    wrong.addAll(SpecFields.check(request.getSpec()));
    Draft draft = Draft.of(request.getSpec(), wrong);
    services.checkSecrets(organization, draft.spec());
    ClusterId cluster = services.clusterForNew(organization, request.getService());
    ServiceId id = new ServiceId(ids.get());
    services.checkAdmission(organization, id, draft.spec(), draft.replicas());
    String digest = images.digest(draft.spec().image());
    Release release = new Release(new ReleaseId(ids.get()), 1, digest, draft.spec());
    Goal goal =
        new Goal(
            Wanted.RUNNING,
            draft.replicas(),
            0,
            release,
            Optional.empty(),
            draft.policy(),
            Optional.empty());
    ServiceView view =
        new ServiceView(
            id,
            organization,
            cluster,
            request.getService(),
            goal,
            List.of(),
            Optional.empty(),
            "",
            Optional.empty());
    return new Plan(true, true, digest, forecasts.created(view));
  }

  private Plan update(OrganizationId organization, SpecUpdate update) {
    ServicesService.Prepared prepared = services.prepare(organization, update);
    ServiceRecord before = prepared.before();
    Draft draft = prepared.draft();
    Release current = before.release();
    int running = before.wanted() == Wanted.RUNNING ? draft.replicas() : 0;
    services.checkAdmission(organization, before.id(), draft.spec(), running);
    boolean same = prepared.isAlready(current);
    Release release =
        same
            ? current
            : new Release(
                new ReleaseId(ids.get()), current.number() + 1, prepared.digest(), draft.spec());
    Forecast forecast =
        forecasts
            .changed(before.id(), view -> view.with(goal(view.goal(), draft, release)))
            .orElseThrow(() -> gone(before));
    return new Plan(false, !same, prepared.digest(), forecast);
  }

  private static Goal goal(Goal now, Draft draft, Release release) {
    return new Goal(
        now.wanted(),
        draft.replicas(),
        now.restartGeneration(),
        release,
        now.good(),
        draft.policy(),
        now.migrateRequested());
  }

  private static Refusal gone(ServiceRecord service) {
    return new Refusal(
        Reason.SERVICE_NOT_FOUND, "the service \"" + service.name() + "\" was deleted meanwhile");
  }
}
