package dev.skep.cli;

import com.google.protobuf.Timestamp;
import dev.skep.v1.EndQuotaOverridesRequest;
import dev.skep.v1.EndQuotaOverridesResponse;
import dev.skep.v1.ListQuotaDefaultsRequest;
import dev.skep.v1.ListQuotaDefaultsResponse;
import dev.skep.v1.ListQuotasRequest;
import dev.skep.v1.ListQuotasResponse;
import dev.skep.v1.OverrideQuotasRequest;
import dev.skep.v1.OverrideQuotasResponse;
import dev.skep.v1.Quota;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaOverride;
import dev.skep.v1.QuotaResource;
import dev.skep.v1.QuotasServiceGrpc;
import dev.skep.v1.UpdateQuotaDefaultsRequest;
import dev.skep.v1.UpdateQuotaDefaultsResponse;
import dev.skep.v1.UpdateQuotasRequest;
import dev.skep.v1.UpdateQuotasResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** Services with an override, CPU above its limit, and memory without one. */
final class FakeQuotas extends QuotasServiceGrpc.QuotasServiceImplBase {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_900_000_000).build();

  private static final List<Quota> QUOTAS =
      List.of(
          Quota.newBuilder()
              .setResource(QuotaResource.QUOTA_RESOURCE_SERVICES)
              .setUsed(9)
              .setLimit(12)
              .setPercent(75)
              .setBaseLimit(10)
              .setOverride(
                  QuotaOverride.newBuilder().setLimit(12).setEndTime(TIME).setReason("a fair"))
              .build(),
          Quota.newBuilder()
              .setResource(QuotaResource.QUOTA_RESOURCE_CPU)
              .setUsed(4500)
              .setLimit(4000)
              .setBaseLimit(4000)
              .setPercent(112)
              .setGraceEndTime(TIME)
              .build(),
          Quota.newBuilder()
              .setResource(QuotaResource.QUOTA_RESOURCE_MEMORY)
              .setUsed(3L << 29)
              .build());

  private final List<Object> requests;

  FakeQuotas(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, StreamObserver<T> observer, T value) {
    requests.add(request);
    observer.onNext(value);
    observer.onCompleted();
  }

  @Override
  public void listQuotas(ListQuotasRequest request, StreamObserver<ListQuotasResponse> observer) {
    answer(request, observer, ListQuotasResponse.newBuilder().addAllQuotas(QUOTAS).build());
  }

  @Override
  public void updateQuotas(
      UpdateQuotasRequest request, StreamObserver<UpdateQuotasResponse> observer) {
    answer(request, observer, UpdateQuotasResponse.newBuilder().addAllQuotas(QUOTAS).build());
  }

  @Override
  public void overrideQuotas(
      OverrideQuotasRequest request, StreamObserver<OverrideQuotasResponse> observer) {
    answer(request, observer, OverrideQuotasResponse.newBuilder().addAllQuotas(QUOTAS).build());
  }

  @Override
  public void endQuotaOverrides(
      EndQuotaOverridesRequest request, StreamObserver<EndQuotaOverridesResponse> observer) {
    answer(request, observer, EndQuotaOverridesResponse.newBuilder().addAllQuotas(QUOTAS).build());
  }

  @Override
  public void listQuotaDefaults(
      ListQuotaDefaultsRequest request, StreamObserver<ListQuotaDefaultsResponse> observer) {
    var limit =
        QuotaLimit.newBuilder()
            .setResource(QuotaResource.QUOTA_RESOURCE_API_REQUESTS)
            .setLimit(600);
    answer(request, observer, ListQuotaDefaultsResponse.newBuilder().addLimits(limit).build());
  }

  @Override
  public void updateQuotaDefaults(
      UpdateQuotaDefaultsRequest request, StreamObserver<UpdateQuotaDefaultsResponse> observer) {
    answer(
        request,
        observer,
        UpdateQuotaDefaultsResponse.newBuilder().addAllLimits(request.getLimitsList()).build());
  }
}
