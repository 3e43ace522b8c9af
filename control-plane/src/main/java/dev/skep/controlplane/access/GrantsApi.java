package dev.skep.controlplane.access;

import dev.skep.controlplane.access.GrantStore.GrantRecord;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.Grant;
import dev.skep.v1.GrantsServiceGrpc;
import dev.skep.v1.ListGrantsRequest;
import dev.skep.v1.ListGrantsResponse;
import dev.skep.v1.RemoveGrantRequest;
import dev.skep.v1.RemoveGrantResponse;
import dev.skep.v1.SetGrantRequest;
import dev.skep.v1.SetGrantResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The API of grants on single services. */
final class GrantsApi extends GrantsServiceGrpc.GrantsServiceImplBase {
  private final GrantStore store;

  GrantsApi(GrantStore store) {
    this.store = store;
  }

  @Override
  public void listGrants(ListGrantsRequest request, StreamObserver<ListGrantsResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          String after = Paging.after(request.getPageToken());
          List<GrantRecord> rows =
              store.list(organization(), request.getService(), after, size + 1);
          Page<GrantRecord> page = Paging.page(rows, size, GrantRecord::userName);
          return ListGrantsResponse.newBuilder()
              .addAllGrants(page.items().stream().map(GrantsApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void setGrant(SetGrantRequest request, StreamObserver<SetGrantResponse> response) {
    Calls.answer(
        response,
        () -> {
          GrantRecord grant =
              store.set(organization(), request.getService(), request.getUser(), request.getRole());
          return SetGrantResponse.newBuilder().setGrant(proto(grant)).build();
        });
  }

  @Override
  public void removeGrant(
      RemoveGrantRequest request, StreamObserver<RemoveGrantResponse> response) {
    Calls.answer(
        response,
        () -> {
          store.remove(organization(), request.getService(), request.getUser());
          return RemoveGrantResponse.getDefaultInstance();
        });
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }

  private static Grant proto(GrantRecord row) {
    return Grant.newBuilder()
        .setServiceId(row.service().toString())
        .setServiceName(row.serviceName())
        .setUserId(row.user().toString())
        .setUserName(row.userName())
        .setRole(row.role())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .build();
  }
}
