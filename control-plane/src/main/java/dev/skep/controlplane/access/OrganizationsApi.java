package dev.skep.controlplane.access;

import dev.skep.controlplane.access.OrganizationStore.OrganizationRecord;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CreateOrganizationRequest;
import dev.skep.v1.CreateOrganizationResponse;
import dev.skep.v1.DeleteOrganizationRequest;
import dev.skep.v1.DeleteOrganizationResponse;
import dev.skep.v1.GetOrganizationRequest;
import dev.skep.v1.GetOrganizationResponse;
import dev.skep.v1.ListOrganizationsRequest;
import dev.skep.v1.ListOrganizationsResponse;
import dev.skep.v1.Organization;
import dev.skep.v1.OrganizationsServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The organizations API. */
final class OrganizationsApi extends OrganizationsServiceGrpc.OrganizationsServiceImplBase {
  private final OrganizationStore store;

  OrganizationsApi(OrganizationStore store) {
    this.store = store;
  }

  @Override
  public void createOrganization(
      CreateOrganizationRequest request, StreamObserver<CreateOrganizationResponse> response) {
    Calls.answer(
        response,
        () ->
            CreateOrganizationResponse.newBuilder()
                .setOrganization(
                    proto(store.create(Calls.caller(), request.getName(), request.getAdmin())))
                .build());
  }

  @Override
  public void listOrganizations(
      ListOrganizationsRequest request, StreamObserver<ListOrganizationsResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<OrganizationRecord> rows =
              store.list(Calls.caller(), Paging.after(request.getPageToken()), size + 1);
          Page<OrganizationRecord> page = Paging.page(rows, size, OrganizationRecord::name);
          return ListOrganizationsResponse.newBuilder()
              .addAllOrganizations(page.items().stream().map(OrganizationsApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void getOrganization(
      GetOrganizationRequest request, StreamObserver<GetOrganizationResponse> response) {
    Calls.answer(
        response,
        () ->
            GetOrganizationResponse.newBuilder()
                .setOrganization(proto(store.get(Calls.caller(), request.getOrganization())))
                .build());
  }

  @Override
  public void deleteOrganization(
      DeleteOrganizationRequest request, StreamObserver<DeleteOrganizationResponse> response) {
    Calls.answer(
        response,
        () -> {
          store.delete(Calls.caller(), request.getOrganization());
          return DeleteOrganizationResponse.getDefaultInstance();
        });
  }

  static Organization proto(OrganizationRecord row) {
    return Organization.newBuilder()
        .setId(row.id().toString())
        .setName(row.name())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .setMembers(row.members())
        .setServices(row.services())
        .build();
  }
}
