package dev.skep.controlplane.identity;

import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.controlplane.tenancy.Sessions.SessionRecord;
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
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The API of one's own account. */
final class AccountApi extends AccountServiceGrpc.AccountServiceImplBase {
  private final LoginService logins;
  private final PasswordService passwords;
  private final SessionService sessions;
  private final TotpService totp;
  private final SignUpService signUps;

  AccountApi(
      LoginService logins,
      PasswordService passwords,
      SessionService sessions,
      TotpService totp,
      SignUpService signUps) {
    this.logins = logins;
    this.passwords = passwords;
    this.sessions = sessions;
    this.totp = totp;
    this.signUps = signUps;
  }

  @Override
  public void login(LoginRequest request, StreamObserver<LoginResponse> response) {
    Calls.answer(
        response,
        () -> {
          LoginService.In in = logins.login(request, Calls.origin());
          return LoginResponse.newBuilder()
              .setSessionToken(in.session().token())
              .setSession(proto(in.session().session()).setCurrent(true))
              .setUserName(in.userName())
              .build();
        });
  }

  @Override
  public void logout(LogoutRequest request, StreamObserver<LogoutResponse> response) {
    Calls.answer(
        response,
        () -> {
          sessions.end(Calls.caller(), Calls.caller().requireSession());
          return LogoutResponse.getDefaultInstance();
        });
  }

  @Override
  public void getMe(GetMeRequest request, StreamObserver<GetMeResponse> response) {
    Calls.answer(response, () -> proto(sessions.me(Calls.caller())));
  }

  @Override
  public void setPassword(
      SetPasswordRequest request, StreamObserver<SetPasswordResponse> response) {
    Calls.answer(
        response,
        () ->
            SetPasswordResponse.newBuilder()
                .setUserName(passwords.set(request, Calls.origin()))
                .build());
  }

  @Override
  public void changePassword(
      ChangePasswordRequest request, StreamObserver<ChangePasswordResponse> response) {
    Calls.answer(
        response,
        () -> {
          Sessions.Opened opened = passwords.change(Calls.caller(), request, Calls.origin());
          return ChangePasswordResponse.newBuilder()
              .setSessionToken(opened.token())
              .setSession(proto(opened.session()).setCurrent(true))
              .build();
        });
  }

  @Override
  public void confirmIdentity(
      ConfirmIdentityRequest request, StreamObserver<ConfirmIdentityResponse> response) {
    Calls.answer(
        response,
        () -> {
          sessions.confirm(Calls.caller(), request, Calls.origin());
          return ConfirmIdentityResponse.getDefaultInstance();
        });
  }

  @Override
  public void enrollTotp(EnrollTotpRequest request, StreamObserver<EnrollTotpResponse> response) {
    Calls.answer(
        response,
        () -> {
          TotpService.Enrolment begun = totp.enroll(Calls.caller());
          return EnrollTotpResponse.newBuilder()
              .setSecret(begun.secret())
              .setUri(begun.uri())
              .build();
        });
  }

  @Override
  public void confirmTotp(
      ConfirmTotpRequest request, StreamObserver<ConfirmTotpResponse> response) {
    Calls.answer(
        response,
        () ->
            ConfirmTotpResponse.newBuilder()
                .addAllRecoveryCodes(totp.confirm(Calls.caller(), request.getCode()))
                .build());
  }

  @Override
  public void disableTotp(
      DisableTotpRequest request, StreamObserver<DisableTotpResponse> response) {
    Calls.answer(
        response,
        () -> {
          totp.disable(Calls.caller(), request.getPassword(), Calls.origin());
          return DisableTotpResponse.getDefaultInstance();
        });
  }

  @Override
  public void signUp(SignUpRequest request, StreamObserver<SignUpResponse> response) {
    Calls.answer(
        response,
        () -> {
          SignUpService.In in = signUps.signUp(request, Calls.origin());
          return SignUpResponse.newBuilder()
              .setSessionToken(in.session().token())
              .setSession(proto(in.session().session()).setCurrent(true))
              .setUserName(request.getUser())
              .setOrganization(proto(in.membership()))
              .build();
        });
  }

  @Override
  public void acceptInvitation(
      AcceptInvitationRequest request, StreamObserver<AcceptInvitationResponse> response) {
    Calls.answer(
        response,
        () ->
            AcceptInvitationResponse.newBuilder()
                .setOrganization(proto(signUps.accept(Calls.caller(), request.getCode())))
                .build());
  }

  @Override
  public void listSessions(
      ListSessionsRequest request, StreamObserver<ListSessionsResponse> response) {
    Calls.answer(
        response,
        () -> {
          var current = Calls.caller().requireSession();
          int size = Paging.size(request.getPageSize());
          String before = Paging.id(request.getPageToken());
          List<SessionRecord> rows = sessions.list(Calls.caller(), before, size + 1);
          Page<SessionRecord> page = Paging.page(rows, size, row -> row.id().toString());
          var answer = ListSessionsResponse.newBuilder().setNextPageToken(page.nextToken());
          page.items()
              .forEach(row -> answer.addSessions(proto(row).setCurrent(row.id().equals(current))));
          return answer.build();
        });
  }

  @Override
  public void endSession(EndSessionRequest request, StreamObserver<EndSessionResponse> response) {
    Calls.answer(
        response,
        () -> {
          var _ = Calls.caller().requireSession();
          sessions.end(Calls.caller(), SessionService.id(request.getSession()));
          return EndSessionResponse.getDefaultInstance();
        });
  }

  private static GetMeResponse proto(SessionService.Me me) {
    var answer =
        GetMeResponse.newBuilder()
            .setUserId(me.caller().user().toString())
            .setUserName(me.caller().userName())
            .setPlatformAdmin(me.platformAdmin())
            .setTotp(me.totp());
    me.organizations().forEach(one -> answer.addOrganizations(proto(one)));
    me.session().ifPresent(row -> answer.setSession(proto(row).setCurrent(true)));
    return answer.build();
  }

  private static Belonging.Builder proto(Membership row) {
    return Belonging.newBuilder()
        .setOrganizationId(row.id().toString())
        .setOrganizationName(row.name())
        .setRole(row.role());
  }

  private static Session.Builder proto(SessionRecord row) {
    return Session.newBuilder()
        .setId(row.id().toString())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .setLastUsedTime(Paging.timestamp(row.lastUsedAt()))
        .setExpireTime(Paging.timestamp(row.expiresAt()))
        .setClientAddress(row.clientAddress())
        .setClient(row.client());
  }
}
