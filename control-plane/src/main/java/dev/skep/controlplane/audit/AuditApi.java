package dev.skep.controlplane.audit;

import dev.skep.controlplane.db.Tenant;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListAuditEntriesResponse;
import dev.skep.v1.Permission;
import dev.skep.v1.VerifyAuditRequest;
import dev.skep.v1.VerifyAuditResponse;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The audit API. */
public final class AuditApi extends AuditServiceGrpc.AuditServiceImplBase {
  private final AuditStore store;

  private AuditApi(AuditStore store) {
    this.store = store;
  }

  public static List<BindableService> apis(AuditTrail trail) {
    return List.of(new AuditApi(trail.store()));
  }

  @Override
  public void listAuditEntries(
      ListAuditEntriesRequest request, StreamObserver<ListAuditEntriesResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          String before = Paging.id(request.getPageToken());
          List<AuditEntry> rows = list(request, before, size + 1);
          Page<AuditEntry> page = Paging.page(rows, size, row -> row.id().toString());
          return ListAuditEntriesResponse.newBuilder()
              .addAllEntries(page.items().stream().map(AuditApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  private List<AuditEntry> list(ListAuditEntriesRequest request, String before, int limit) {
    Caller caller = Calls.caller();
    if (!request.getPlatform()) {
      return store.list(caller.organization(), before, limit);
    }
    caller.require(Permission.PERMISSION_PLATFORM_READ);
    return Tenant.across(() -> store.list(OrganizationId.NONE, before, limit));
  }

  @Override
  public void verifyAudit(
      VerifyAuditRequest request, StreamObserver<VerifyAuditResponse> response) {
    Calls.answer(
        response,
        () -> {
          AuditStore.Verification found = store.verify();
          return VerifyAuditResponse.newBuilder()
              .setEntries(found.entries())
              .setFirstBadSequence(found.firstBad())
              .setProblem(found.problem())
              .setHead(found.head())
              .build();
        });
  }

  private static dev.skep.v1.AuditEntry proto(AuditEntry row) {
    AuditEntry.Call call = row.call();
    return dev.skep.v1.AuditEntry.newBuilder()
        .setId(row.id().toString())
        .setSequence(row.sequence())
        .setTime(Paging.timestamp(row.at()))
        .setUserId(row.user().toString())
        .setUserName(row.userName())
        .setTokenName(row.tokenName())
        .setClientAddress(call.address())
        .setRequestId(call.requestId())
        .setAction(call.action())
        .setResource(call.resource())
        .setRequest(call.request())
        .setBefore(call.before())
        .setOutcome(row.outcome())
        .setMessage(row.message())
        .build();
  }
}
