package dev.skep.controlplane.access;

import dev.skep.controlplane.access.MemberStore.MemberRecord;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.tenancy.Roles;
import dev.skep.v1.CreateServiceAccountRequest;
import dev.skep.v1.CreateServiceAccountResponse;
import dev.skep.v1.ListMembersRequest;
import dev.skep.v1.ListMembersResponse;
import dev.skep.v1.ListRolesRequest;
import dev.skep.v1.ListRolesResponse;
import dev.skep.v1.Member;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.RemoveMemberRequest;
import dev.skep.v1.RemoveMemberResponse;
import dev.skep.v1.Role;
import dev.skep.v1.RoleInfo;
import dev.skep.v1.SetMemberRequest;
import dev.skep.v1.SetMemberResponse;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.List;

/** The members API; always about the organization of the call. */
final class MembersApi extends MembersServiceGrpc.MembersServiceImplBase {
  private final MemberStore store;

  MembersApi(MemberStore store) {
    this.store = store;
  }

  @Override
  public void listMembers(
      ListMembersRequest request, StreamObserver<ListMembersResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<MemberRecord> rows =
              store.list(organization(), Paging.after(request.getPageToken()), size + 1);
          Page<MemberRecord> page = Paging.page(rows, size, MemberRecord::name);
          return ListMembersResponse.newBuilder()
              .addAllMembers(page.items().stream().map(MembersApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void setMember(SetMemberRequest request, StreamObserver<SetMemberResponse> response) {
    Calls.answer(
        response,
        () ->
            SetMemberResponse.newBuilder()
                .setMember(proto(store.set(organization(), request.getUser(), request.getRole())))
                .build());
  }

  @Override
  public void removeMember(
      RemoveMemberRequest request, StreamObserver<RemoveMemberResponse> response) {
    Calls.answer(
        response,
        () -> {
          store.remove(organization(), request.getUser());
          return RemoveMemberResponse.getDefaultInstance();
        });
  }

  @Override
  public void createServiceAccount(
      CreateServiceAccountRequest request, StreamObserver<CreateServiceAccountResponse> response) {
    Calls.answer(
        response,
        () ->
            CreateServiceAccountResponse.newBuilder()
                .setMember(
                    proto(
                        store.createServiceAccount(
                            organization(), request.getName(), request.getRole())))
                .build());
  }

  @Override
  public void listRoles(ListRolesRequest request, StreamObserver<ListRolesResponse> response) {
    Calls.answer(
        response,
        () ->
            ListRolesResponse.newBuilder()
                .addAllRoles(
                    Arrays.stream(Role.values())
                        .filter(role -> !Roles.permissions(role).isEmpty())
                        .map(MembersApi::proto)
                        .toList())
                .build());
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }

  private static RoleInfo proto(Role role) {
    return RoleInfo.newBuilder()
        .setRole(role)
        .addAllPermissions(Roles.permissions(role).stream().sorted().toList())
        .build();
  }

  private static Member proto(MemberRecord row) {
    return Member.newBuilder()
        .setUserId(row.user().toString())
        .setUserName(row.name())
        .setRole(row.role())
        .setServiceAccount(row.serviceAccount())
        .setDisabled(row.disabled())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .build();
  }
}
