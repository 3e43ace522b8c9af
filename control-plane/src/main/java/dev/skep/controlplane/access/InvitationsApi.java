package dev.skep.controlplane.access;

import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Invitations.InvitationRecord;
import dev.skep.v1.CreateInvitationRequest;
import dev.skep.v1.CreateInvitationResponse;
import dev.skep.v1.Invitation;
import dev.skep.v1.InvitationsServiceGrpc;
import dev.skep.v1.ListInvitationsRequest;
import dev.skep.v1.ListInvitationsResponse;
import dev.skep.v1.RevokeInvitationRequest;
import dev.skep.v1.RevokeInvitationResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The invitations API; always about the organization of the call. */
final class InvitationsApi extends InvitationsServiceGrpc.InvitationsServiceImplBase {
  private final InvitationStore store;
  private final String link;

  InvitationsApi(InvitationStore store, String link) {
    this.store = store;
    this.link = link;
  }

  @Override
  public void createInvitation(
      CreateInvitationRequest request, StreamObserver<CreateInvitationResponse> response) {
    Calls.answer(
        response,
        () -> {
          Invitations.Created created =
              store.create(Calls.caller(), request.getRole(), request.getEmail());
          return CreateInvitationResponse.newBuilder()
              .setInvitation(proto(created.invitation()))
              .setCode(created.code())
              .setUrl(link + created.code())
              .build();
        });
  }

  @Override
  public void listInvitations(
      ListInvitationsRequest request, StreamObserver<ListInvitationsResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          String before = Paging.id(request.getPageToken());
          List<InvitationRecord> rows = store.list(Calls.caller().organization(), before, size + 1);
          Page<InvitationRecord> page = Paging.page(rows, size, row -> row.id().toString());
          return ListInvitationsResponse.newBuilder()
              .addAllInvitations(page.items().stream().map(InvitationsApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void revokeInvitation(
      RevokeInvitationRequest request, StreamObserver<RevokeInvitationResponse> response) {
    Calls.answer(
        response,
        () -> {
          store.revoke(Calls.caller().organization(), request.getInvitation());
          return RevokeInvitationResponse.getDefaultInstance();
        });
  }

  private static Invitation proto(InvitationRecord row) {
    return Invitation.newBuilder()
        .setId(row.id().toString())
        .setRole(row.role())
        .setEmail(row.email())
        .setInvitedBy(row.invitedBy())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .setExpireTime(Paging.timestamp(row.expiresAt()))
        .build();
  }
}
