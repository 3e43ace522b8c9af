package dev.skep.cli;

import dev.skep.v1.FinishSsoRequest;
import dev.skep.v1.FinishSsoResponse;
import dev.skep.v1.Identity;
import dev.skep.v1.LinkSsoRequest;
import dev.skep.v1.LinkSsoResponse;
import dev.skep.v1.ListIdentitiesRequest;
import dev.skep.v1.ListIdentitiesResponse;
import dev.skep.v1.RemoveIdentityRequest;
import dev.skep.v1.RemoveIdentityResponse;
import dev.skep.v1.SsoLogin;
import dev.skep.v1.SsoServiceGrpc;
import dev.skep.v1.StartSsoRequest;
import dev.skep.v1.StartSsoResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** An identity provider to which everybody is known. */
final class FakeSso extends SsoServiceGrpc.SsoServiceImplBase {
  private static final SsoLogin LOGIN =
      SsoLogin.newBuilder().setUrl("https://id.example/?x=y").setVerifierSecret("v1").build();

  private final List<Object> requests;

  FakeSso(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, StreamObserver<T> observer, T value) {
    requests.add(request);
    observer.onNext(value);
    observer.onCompleted();
  }

  @Override
  public void startSso(StartSsoRequest request, StreamObserver<StartSsoResponse> observer) {
    answer(request, observer, StartSsoResponse.newBuilder().setLogin(LOGIN).build());
  }

  @Override
  public void linkSso(LinkSsoRequest request, StreamObserver<LinkSsoResponse> observer) {
    answer(request, observer, LinkSsoResponse.newBuilder().setLogin(LOGIN).build());
  }

  @Override
  public void finishSso(FinishSsoRequest request, StreamObserver<FinishSsoResponse> observer) {
    answer(request, observer, FinishSsoResponse.newBuilder().setSessionToken("sks_4").build());
  }

  @Override
  public void listIdentities(
      ListIdentitiesRequest request, StreamObserver<ListIdentitiesResponse> observer) {
    answer(
        request,
        observer,
        ListIdentitiesResponse.newBuilder()
            .addIdentities(
                Identity.newBuilder().setId("i1").setIssuer("https://id.example").setSubject("ada"))
            .build());
  }

  @Override
  public void removeIdentity(
      RemoveIdentityRequest request, StreamObserver<RemoveIdentityResponse> observer) {
    answer(request, observer, RemoveIdentityResponse.getDefaultInstance());
  }
}
