package dev.skep.controlplane.quotas;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.v1.EndQuotaOverridesRequest;
import dev.skep.v1.EndQuotaOverridesResponse;
import dev.skep.v1.GetQuotaRequest;
import dev.skep.v1.GetQuotaResponse;
import dev.skep.v1.ListQuotaDefaultsRequest;
import dev.skep.v1.ListQuotaDefaultsResponse;
import dev.skep.v1.ListQuotasRequest;
import dev.skep.v1.ListQuotasResponse;
import dev.skep.v1.OverrideQuotasRequest;
import dev.skep.v1.OverrideQuotasResponse;
import dev.skep.v1.Quota;
import dev.skep.v1.QuotasServiceGrpc;
import dev.skep.v1.UpdateQuotaDefaultsRequest;
import dev.skep.v1.UpdateQuotaDefaultsResponse;
import dev.skep.v1.UpdateQuotasRequest;
import dev.skep.v1.UpdateQuotasResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The quotas API; always about the organization of the call. */
final class QuotasApi extends QuotasServiceGrpc.QuotasServiceImplBase {
  private static final Duration LONGEST = Duration.ofDays(366);
  private static final int MAX_REASON = 300;

  private final QuotasService quotas;
  private final InstantSource clock;

  QuotasApi(QuotasService quotas, InstantSource clock) {
    this.quotas = quotas;
    this.clock = clock;
  }

  @Override
  public void listQuotas(ListQuotasRequest request, StreamObserver<ListQuotasResponse> response) {
    Calls.answer(response, () -> QuotaProtos.list(quotas.list(organization()), clock.instant()));
  }

  @Override
  public void getQuota(GetQuotaRequest request, StreamObserver<GetQuotaResponse> response) {
    Calls.answer(
        response,
        () -> {
          Resource resource = QuotaProtos.checked("resource", request.getResource());
          Allowance found =
              quotas.list(organization()).stream()
                  .filter(allowance -> allowance.resource() == resource)
                  .findFirst()
                  .orElseThrow();
          return GetQuotaResponse.newBuilder()
              .setQuota(QuotaProtos.quota(found, clock.instant()))
              .build();
        });
  }

  @Override
  public void updateQuotas(
      UpdateQuotasRequest request, StreamObserver<UpdateQuotasResponse> response) {
    Calls.answer(
        response,
        () -> UpdateQuotasResponse.newBuilder().addAllQuotas(shown(update(request))).build());
  }

  private List<Allowance> update(UpdateQuotasRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    Map<Resource, @Nullable Long> limits = QuotaProtos.limits(request.getLimitsList(), wrong);
    long grace = request.getGrace().getSeconds();
    if (grace < 0 || grace > LONGEST.toSeconds()) {
      wrong.add(new FieldViolation("grace", "is out of range; use up to 366 days"));
    }
    Refusal.ifAny(wrong);
    return quotas.update(
        organization(), limits, request.hasGrace() ? Duration.ofSeconds(grace) : QuotaStep.GRACE);
  }

  @Override
  public void overrideQuotas(
      OverrideQuotasRequest request, StreamObserver<OverrideQuotasResponse> response) {
    Calls.answer(
        response,
        () -> OverrideQuotasResponse.newBuilder().addAllQuotas(shown(override(request))).build());
  }

  private List<Allowance> override(OverrideQuotasRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    Map<Resource, @Nullable Long> limits = QuotaProtos.limits(request.getLimitsList(), wrong);
    Instant now = clock.instant();
    long seconds = request.getEndTime().getSeconds() - now.getEpochSecond();
    if (seconds <= 0 || seconds > LONGEST.toSeconds()) {
      wrong.add(new FieldViolation("end_time", "must be in the future, at most 366 days away"));
    }
    String reason = request.getReason().strip();
    if (reason.isEmpty() || reason.length() > MAX_REASON) {
      wrong.add(new FieldViolation("reason", "say why in 1 to " + MAX_REASON + " characters"));
    }
    Refusal.ifAny(wrong);
    return quotas.override(
        organization(), limits, now.plusSeconds(seconds), reason, Calls.caller().userName());
  }

  @Override
  public void endQuotaOverrides(
      EndQuotaOverridesRequest request, StreamObserver<EndQuotaOverridesResponse> response) {
    Calls.answer(
        response,
        () ->
            EndQuotaOverridesResponse.newBuilder()
                .addAllQuotas(shown(quotas.endOverrides(organization(), resources(request))))
                .build());
  }

  private static Set<Resource> resources(EndQuotaOverridesRequest request) {
    EnumSet<Resource> named = EnumSet.noneOf(Resource.class);
    request
        .getResourcesList()
        .forEach(resource -> named.add(QuotaProtos.checked("resources", resource)));
    return named.isEmpty() ? EnumSet.allOf(Resource.class) : named;
  }

  @Override
  public void listQuotaDefaults(
      ListQuotaDefaultsRequest request, StreamObserver<ListQuotaDefaultsResponse> response) {
    Calls.answer(response, () -> QuotaProtos.defaults(quotas.defaults()));
  }

  @Override
  public void updateQuotaDefaults(
      UpdateQuotaDefaultsRequest request, StreamObserver<UpdateQuotaDefaultsResponse> response) {
    Calls.answer(
        response,
        () -> {
          List<FieldViolation> wrong = new ArrayList<>();
          Map<Resource, @Nullable Long> limits = QuotaProtos.limits(request.getLimitsList(), wrong);
          Refusal.ifAny(wrong);
          return UpdateQuotaDefaultsResponse.newBuilder()
              .addAllLimits(QuotaProtos.limits(quotas.updateDefaults(limits)))
              .build();
        });
  }

  private List<Quota> shown(List<Allowance> allowances) {
    return QuotaProtos.quotas(allowances, clock.instant());
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
