package dev.skep.cli;

import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.skep.v1.AcceptInvitationRequest;
import dev.skep.v1.AcceptInvitationResponse;
import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.Belonging;
import dev.skep.v1.ChangePasswordRequest;
import dev.skep.v1.ChangePasswordResponse;
import dev.skep.v1.ConfirmIdentityRequest;
import dev.skep.v1.ConfirmIdentityResponse;
import dev.skep.v1.ConfirmTotpRequest;
import dev.skep.v1.ConfirmTotpResponse;
import dev.skep.v1.DisableTotpRequest;
import dev.skep.v1.DisableTotpResponse;
import dev.skep.v1.EndSessionRequest;
import dev.skep.v1.EndSessionResponse;
import dev.skep.v1.EnrollTotpRequest;
import dev.skep.v1.EnrollTotpResponse;
import dev.skep.v1.GetMeRequest;
import dev.skep.v1.GetMeResponse;
import dev.skep.v1.ListSessionsRequest;
import dev.skep.v1.ListSessionsResponse;
import dev.skep.v1.LoginRequest;
import dev.skep.v1.LoginResponse;
import dev.skep.v1.LogoutRequest;
import dev.skep.v1.LogoutResponse;
import dev.skep.v1.Session;
import dev.skep.v1.SetPasswordRequest;
import dev.skep.v1.SetPasswordResponse;
import dev.skep.v1.SignUpRequest;
import dev.skep.v1.SignUpResponse;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** Ada of acme and beta, with a second factor when that is wanted; whatever she types is right. */
final class FakeAccount extends AccountServiceGrpc.AccountServiceImplBase {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_700_000_000).build();

  private final List<Object> requests;

  volatile boolean totp;

  FakeAccount(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, StreamObserver<T> observer, T value) {
    requests.add(request);
    observer.onNext(value);
    observer.onCompleted();
  }

  @Override
  public void login(LoginRequest request, StreamObserver<LoginResponse> observer) {
    if (totp && request.getCode().isEmpty()) {
      var info = ErrorInfo.newBuilder().setReason("CODE_REQUIRED").build();
      observer.onError(
          StatusProto.toStatusRuntimeException(
              Status.newBuilder()
                  .setCode(Code.UNAUTHENTICATED_VALUE)
                  .addDetails(Any.pack(info))
                  .build()));
      return;
    }
    answer(
        request,
        observer,
        LoginResponse.newBuilder().setSessionToken("sks_1").setUserName("ada").build());
  }

  @Override
  public void logout(LogoutRequest request, StreamObserver<LogoutResponse> observer) {
    answer(request, observer, LogoutResponse.getDefaultInstance());
  }

  @Override
  public void getMe(GetMeRequest request, StreamObserver<GetMeResponse> observer) {
    answer(
        request,
        observer,
        GetMeResponse.newBuilder()
            .setUserName("ada")
            .addOrganizations(Belonging.newBuilder().setOrganizationName("acme"))
            .addOrganizations(Belonging.newBuilder().setOrganizationName("beta"))
            .build());
  }

  @Override
  public void setPassword(
      SetPasswordRequest request, StreamObserver<SetPasswordResponse> observer) {
    answer(request, observer, SetPasswordResponse.newBuilder().setUserName("ada").build());
  }

  @Override
  public void changePassword(
      ChangePasswordRequest request, StreamObserver<ChangePasswordResponse> observer) {
    answer(request, observer, ChangePasswordResponse.newBuilder().setSessionToken("sks_2").build());
  }

  @Override
  public void listSessions(
      ListSessionsRequest request, StreamObserver<ListSessionsResponse> observer) {
    answer(
        request,
        observer,
        ListSessionsResponse.newBuilder()
            .addSessions(
                Session.newBuilder()
                    .setId("s1")
                    .setClientAddress("192.0.2.1")
                    .setClient("skep")
                    .setExpireTime(TIME)
                    .setCurrent(true))
            .build());
  }

  @Override
  public void endSession(EndSessionRequest request, StreamObserver<EndSessionResponse> observer) {
    answer(request, observer, EndSessionResponse.getDefaultInstance());
  }

  @Override
  public void confirmIdentity(
      ConfirmIdentityRequest request, StreamObserver<ConfirmIdentityResponse> observer) {
    answer(request, observer, ConfirmIdentityResponse.getDefaultInstance());
  }

  @Override
  public void enrollTotp(EnrollTotpRequest request, StreamObserver<EnrollTotpResponse> observer) {
    answer(
        request,
        observer,
        EnrollTotpResponse.newBuilder().setSecret("MZXW").setUri("otpauth://totp/x").build());
  }

  @Override
  public void confirmTotp(
      ConfirmTotpRequest request, StreamObserver<ConfirmTotpResponse> observer) {
    answer(request, observer, ConfirmTotpResponse.newBuilder().addRecoveryCodes("abc-def").build());
  }

  @Override
  public void disableTotp(
      DisableTotpRequest request, StreamObserver<DisableTotpResponse> observer) {
    answer(request, observer, DisableTotpResponse.getDefaultInstance());
  }

  @Override
  public void signUp(SignUpRequest request, StreamObserver<SignUpResponse> observer) {
    answer(
        request,
        observer,
        SignUpResponse.newBuilder()
            .setSessionToken("sks_3")
            .setUserName(request.getUser())
            .setOrganization(Belonging.newBuilder().setOrganizationName("acme"))
            .build());
  }

  @Override
  public void acceptInvitation(
      AcceptInvitationRequest request, StreamObserver<AcceptInvitationResponse> observer) {
    answer(
        request,
        observer,
        AcceptInvitationResponse.newBuilder()
            .setOrganization(Belonging.newBuilder().setOrganizationName("acme"))
            .build());
  }
}
