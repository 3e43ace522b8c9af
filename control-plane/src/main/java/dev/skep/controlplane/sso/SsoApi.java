package dev.skep.controlplane.sso;

import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.sso.LinkedIdentities.Linked;
import dev.skep.controlplane.tenancy.Sessions.SessionRecord;
import dev.skep.v1.FinishSsoRequest;
import dev.skep.v1.FinishSsoResponse;
import dev.skep.v1.Identity;
import dev.skep.v1.LinkSsoRequest;
import dev.skep.v1.LinkSsoResponse;
import dev.skep.v1.ListIdentitiesRequest;
import dev.skep.v1.ListIdentitiesResponse;
import dev.skep.v1.RemoveIdentityRequest;
import dev.skep.v1.RemoveIdentityResponse;
import dev.skep.v1.Session;
import dev.skep.v1.SsoLogin;
import dev.skep.v1.SsoServiceGrpc;
import dev.skep.v1.StartSsoRequest;
import dev.skep.v1.StartSsoResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The API of logins over an identity provider. */
final class SsoApi extends SsoServiceGrpc.SsoServiceImplBase {
  private static final UUID FIRST = new UUID(0, 0);

  private final SsoService service;
  private final LinkedIdentities identities;

  SsoApi(SsoService service, LinkedIdentities identities) {
    this.service = service;
    this.identities = identities;
  }

  @Override
  public void startSso(StartSsoRequest request, StreamObserver<StartSsoResponse> response) {
    Calls.answer(
        response,
        () ->
            StartSsoResponse.newBuilder()
                .setLogin(proto(service.begin(Optional.empty(), Calls.origin())))
                .build());
  }

  @Override
  public void linkSso(LinkSsoRequest request, StreamObserver<LinkSsoResponse> response) {
    Calls.answer(
        response,
        () -> {
          var _ = Calls.caller().requireSession();
          return LinkSsoResponse.newBuilder()
              .setLogin(proto(service.begin(Optional.of(Calls.caller().user()), Calls.origin())))
              .build();
        });
  }

  @Override
  public void finishSso(FinishSsoRequest request, StreamObserver<FinishSsoResponse> response) {
    Calls.answer(
        response,
        () -> {
          SsoService.In in =
              service.finish(request.getCode(), request.getVerifierSecret(), Calls.origin());
          return FinishSsoResponse.newBuilder()
              .setSessionToken(in.session().token())
              .setSession(proto(in.session().session()))
              .setUserName(in.userName())
              .build();
        });
  }

  @Override
  public void listIdentities(
      ListIdentitiesRequest request, StreamObserver<ListIdentitiesResponse> response) {
    Calls.answer(
        response,
        () -> {
          var _ = Calls.caller().requireSession();
          int size = Paging.size(request.getPageSize());
          String after = Paging.id(request.getPageToken());
          List<Linked> rows =
              identities.list(
                  Calls.caller().user(),
                  after.isEmpty() ? FIRST : UUID.fromString(after),
                  size + 1);
          Page<Linked> page = Paging.page(rows, size, row -> row.id().toString());
          return ListIdentitiesResponse.newBuilder()
              .addAllIdentities(page.items().stream().map(SsoApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void removeIdentity(
      RemoveIdentityRequest request, StreamObserver<RemoveIdentityResponse> response) {
    Calls.answer(
        response,
        () -> {
          var _ = Calls.caller().requireSession();
          if (!Paging.ID.matcher(request.getIdentity()).matches()) {
            throw LinkedIdentities.notFound();
          }
          identities.remove(Calls.caller().user(), UUID.fromString(request.getIdentity()));
          return RemoveIdentityResponse.getDefaultInstance();
        });
  }

  private static Identity proto(Linked row) {
    return Identity.newBuilder()
        .setId(row.id().toString())
        .setIssuer(row.issuer())
        .setSubject(row.subject())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .build();
  }

  private static SsoLogin proto(SsoService.Begun begun) {
    return SsoLogin.newBuilder()
        .setUrl(begun.url().toString())
        .setVerifierSecret(begun.verifier())
        .setExpireTime(Paging.timestamp(begun.expiresAt()))
        .build();
  }

  private static Session proto(SessionRecord row) {
    return Session.newBuilder()
        .setId(row.id().toString())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .setLastUsedTime(Paging.timestamp(row.lastUsedAt()))
        .setExpireTime(Paging.timestamp(row.expiresAt()))
        .setClientAddress(row.clientAddress())
        .setClient(row.client())
        .setCurrent(true)
        .build();
  }
}
