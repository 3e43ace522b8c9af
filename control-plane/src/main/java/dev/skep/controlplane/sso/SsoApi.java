package dev.skep.controlplane.sso;

import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.tenancy.Sessions.SessionRecord;
import dev.skep.v1.FinishSsoRequest;
import dev.skep.v1.FinishSsoResponse;
import dev.skep.v1.LinkSsoRequest;
import dev.skep.v1.LinkSsoResponse;
import dev.skep.v1.Session;
import dev.skep.v1.SsoLogin;
import dev.skep.v1.SsoServiceGrpc;
import dev.skep.v1.StartSsoRequest;
import dev.skep.v1.StartSsoResponse;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** The API of logins over an identity provider. */
final class SsoApi extends SsoServiceGrpc.SsoServiceImplBase {
  private final SsoService service;

  SsoApi(SsoService service) {
    this.service = service;
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
