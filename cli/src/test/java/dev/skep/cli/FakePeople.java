package dev.skep.cli;

import com.google.protobuf.Timestamp;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.CreateInvitationRequest;
import dev.skep.v1.CreateInvitationResponse;
import dev.skep.v1.CreateOrganizationRequest;
import dev.skep.v1.CreateOrganizationResponse;
import dev.skep.v1.CreatePasswordCodeRequest;
import dev.skep.v1.CreatePasswordCodeResponse;
import dev.skep.v1.CreateServiceAccountRequest;
import dev.skep.v1.CreateServiceAccountResponse;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.CreateTokenResponse;
import dev.skep.v1.CreateUserRequest;
import dev.skep.v1.CreateUserResponse;
import dev.skep.v1.Grant;
import dev.skep.v1.GrantsServiceGrpc;
import dev.skep.v1.Invitation;
import dev.skep.v1.InvitationsServiceGrpc;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListAuditEntriesResponse;
import dev.skep.v1.ListGrantsRequest;
import dev.skep.v1.ListGrantsResponse;
import dev.skep.v1.ListInvitationsRequest;
import dev.skep.v1.ListInvitationsResponse;
import dev.skep.v1.ListMembersRequest;
import dev.skep.v1.ListMembersResponse;
import dev.skep.v1.ListOrganizationsRequest;
import dev.skep.v1.ListOrganizationsResponse;
import dev.skep.v1.ListRolesRequest;
import dev.skep.v1.ListRolesResponse;
import dev.skep.v1.ListTokensRequest;
import dev.skep.v1.ListTokensResponse;
import dev.skep.v1.ListUsersRequest;
import dev.skep.v1.ListUsersResponse;
import dev.skep.v1.Member;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.Organization;
import dev.skep.v1.OrganizationsServiceGrpc;
import dev.skep.v1.PasswordCode;
import dev.skep.v1.Permission;
import dev.skep.v1.RemoveGrantRequest;
import dev.skep.v1.RemoveGrantResponse;
import dev.skep.v1.RemoveMemberRequest;
import dev.skep.v1.RemoveMemberResponse;
import dev.skep.v1.RevokeInvitationRequest;
import dev.skep.v1.RevokeInvitationResponse;
import dev.skep.v1.RevokeTokenRequest;
import dev.skep.v1.RevokeTokenResponse;
import dev.skep.v1.Role;
import dev.skep.v1.RoleInfo;
import dev.skep.v1.SetGrantRequest;
import dev.skep.v1.SetGrantResponse;
import dev.skep.v1.SetMemberRequest;
import dev.skep.v1.SetMemberResponse;
import dev.skep.v1.Token;
import dev.skep.v1.TokenServiceRef;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.UpdateUserRequest;
import dev.skep.v1.UpdateUserResponse;
import dev.skep.v1.User;
import dev.skep.v1.UsersServiceGrpc;
import dev.skep.v1.VerifyAuditRequest;
import dev.skep.v1.VerifyAuditResponse;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** One organization, one person and one program with one token. */
final class FakePeople {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_700_000_000).build();

  private static final PasswordCode CODE =
      PasswordCode.newBuilder().setCode("skc_1").setExpireTime(TIME).build();

  private final List<Object> requests;
  volatile long badEntry;

  FakePeople(List<Object> requests) {
    this.requests = requests;
  }

  List<BindableService> services() {
    return List.of(
        new Organizations(),
        new Members(),
        new Grants(),
        new Invitations(),
        new Users(),
        new Tokens(),
        new Audit());
  }

  private <T> void answer(Object request, StreamObserver<T> observer, T value) {
    requests.add(request);
    observer.onNext(value);
    observer.onCompleted();
  }

  private final class Organizations extends OrganizationsServiceGrpc.OrganizationsServiceImplBase {
    private final Organization acme =
        Organization.newBuilder().setName("acme").setMembers(2).setServices(7).build();

    @Override
    public void listOrganizations(
        ListOrganizationsRequest request, StreamObserver<ListOrganizationsResponse> observer) {
      answer(
          request, observer, ListOrganizationsResponse.newBuilder().addOrganizations(acme).build());
    }

    @Override
    public void createOrganization(
        CreateOrganizationRequest request, StreamObserver<CreateOrganizationResponse> observer) {
      answer(
          request, observer, CreateOrganizationResponse.newBuilder().setOrganization(acme).build());
    }
  }

  private final class Grants extends GrantsServiceGrpc.GrantsServiceImplBase {
    private final Grant grant =
        Grant.newBuilder()
            .setServiceName("web")
            .setUserName("ada")
            .setRole(Role.ROLE_DEPLOYER)
            .setCreateTime(TIME)
            .build();

    @Override
    public void listGrants(ListGrantsRequest request, StreamObserver<ListGrantsResponse> observer) {
      answer(request, observer, ListGrantsResponse.newBuilder().addGrants(grant).build());
    }

    @Override
    public void setGrant(SetGrantRequest request, StreamObserver<SetGrantResponse> observer) {
      answer(request, observer, SetGrantResponse.newBuilder().setGrant(grant).build());
    }

    @Override
    public void removeGrant(
        RemoveGrantRequest request, StreamObserver<RemoveGrantResponse> observer) {
      answer(request, observer, RemoveGrantResponse.getDefaultInstance());
    }
  }

  private final class Members extends MembersServiceGrpc.MembersServiceImplBase {
    private Member member(String name, Role role) {
      return Member.newBuilder()
          .setUserName(name)
          .setRole(role)
          .setServiceAccount(name.equals("ci"))
          .setCreateTime(TIME)
          .build();
    }

    @Override
    public void listMembers(
        ListMembersRequest request, StreamObserver<ListMembersResponse> observer) {
      answer(
          request,
          observer,
          ListMembersResponse.newBuilder()
              .addMembers(member("ada", Role.ROLE_ADMIN))
              .addMembers(member("ci", Role.ROLE_DEPLOYER))
              .build());
    }

    @Override
    public void setMember(SetMemberRequest request, StreamObserver<SetMemberResponse> observer) {
      answer(
          request,
          observer,
          SetMemberResponse.newBuilder()
              .setMember(member(request.getUser(), request.getRole()))
              .build());
    }

    @Override
    public void removeMember(
        RemoveMemberRequest request, StreamObserver<RemoveMemberResponse> observer) {
      answer(request, observer, RemoveMemberResponse.getDefaultInstance());
    }

    @Override
    public void createServiceAccount(
        CreateServiceAccountRequest request,
        StreamObserver<CreateServiceAccountResponse> observer) {
      answer(
          request,
          observer,
          CreateServiceAccountResponse.newBuilder()
              .setMember(member(request.getName(), request.getRole()))
              .build());
    }

    @Override
    public void listRoles(ListRolesRequest request, StreamObserver<ListRolesResponse> observer) {
      answer(
          request,
          observer,
          ListRolesResponse.newBuilder()
              .addRoles(
                  RoleInfo.newBuilder()
                      .setRole(Role.ROLE_VIEWER)
                      .addPermissions(Permission.PERMISSION_SERVICES_READ)
                      .addPermissions(Permission.PERMISSION_LOGS_READ))
              .build());
    }
  }

  private final class Invitations extends InvitationsServiceGrpc.InvitationsServiceImplBase {
    private final Invitation invitation =
        Invitation.newBuilder()
            .setId("i1")
            .setRole(Role.ROLE_VIEWER)
            .setEmail("bob")
            .setInvitedBy("ada")
            .setExpireTime(TIME)
            .build();

    @Override
    public void createInvitation(
        CreateInvitationRequest request, StreamObserver<CreateInvitationResponse> observer) {
      answer(
          request,
          observer,
          CreateInvitationResponse.newBuilder()
              .setInvitation(invitation)
              .setCode("ski_1")
              .setUrl("https://skep.example/invitation?code=ski_1")
              .build());
    }

    @Override
    public void listInvitations(
        ListInvitationsRequest request, StreamObserver<ListInvitationsResponse> observer) {
      answer(
          request,
          observer,
          ListInvitationsResponse.newBuilder().addInvitations(invitation).build());
    }

    @Override
    public void revokeInvitation(
        RevokeInvitationRequest request, StreamObserver<RevokeInvitationResponse> observer) {
      answer(request, observer, RevokeInvitationResponse.getDefaultInstance());
    }
  }

  private final class Audit extends AuditServiceGrpc.AuditServiceImplBase {
    @Override
    public void listAuditEntries(
        ListAuditEntriesRequest request, StreamObserver<ListAuditEntriesResponse> observer) {
      answer(
          request,
          observer,
          ListAuditEntriesResponse.newBuilder()
              .addEntries(entry("RestartService", "DONE"))
              .addEntries(entry("DeleteService", "PERMISSION_DENIED"))
              .build());
    }

    private AuditEntry entry(String action, String outcome) {
      return AuditEntry.newBuilder()
          .setTime(TIME)
          .setUserName("ada")
          .setAction(action)
          .setResource("web")
          .setOutcome(outcome)
          .build();
    }

    @Override
    public void verifyAudit(
        VerifyAuditRequest request, StreamObserver<VerifyAuditResponse> observer) {
      answer(
          request,
          observer,
          VerifyAuditResponse.newBuilder()
              .setEntries(9)
              .setFirstBadSequence(badEntry)
              .setProblem(badEntry == 0 ? "" : "the entry is missing")
              .setHead("abcd")
              .build());
    }
  }

  private final class Users extends UsersServiceGrpc.UsersServiceImplBase {
    @Override
    public void listUsers(ListUsersRequest request, StreamObserver<ListUsersResponse> observer) {
      answer(
          request,
          observer,
          ListUsersResponse.newBuilder()
              .addUsers(User.newBuilder().setName("ada").setPlatformAdmin(true))
              .build());
    }

    @Override
    public void createUser(CreateUserRequest request, StreamObserver<CreateUserResponse> observer) {
      answer(request, observer, CreateUserResponse.newBuilder().setPasswordCode(CODE).build());
    }

    @Override
    public void createPasswordCode(
        CreatePasswordCodeRequest request, StreamObserver<CreatePasswordCodeResponse> observer) {
      answer(
          request, observer, CreatePasswordCodeResponse.newBuilder().setPasswordCode(CODE).build());
    }

    @Override
    public void updateUser(UpdateUserRequest request, StreamObserver<UpdateUserResponse> observer) {
      answer(
          request,
          observer,
          UpdateUserResponse.newBuilder()
              .setUser(User.newBuilder().setDisabled(request.getDisabled()))
              .build());
    }
  }

  private final class Tokens extends TokensServiceGrpc.TokensServiceImplBase {
    @Override
    public void createToken(
        CreateTokenRequest request, StreamObserver<CreateTokenResponse> observer) {
      answer(
          request,
          observer,
          CreateTokenResponse.newBuilder()
              .setToken(Token.newBuilder().setName(request.getName()))
              .setSecret("skp_secret")
              .build());
    }

    @Override
    public void listTokens(ListTokensRequest request, StreamObserver<ListTokensResponse> observer) {
      answer(
          request,
          observer,
          ListTokensResponse.newBuilder()
              .addTokens(
                  Token.newBuilder()
                      .setId("t1")
                      .setName("deploys")
                      .setUserName("ci")
                      .addPermissions(Permission.PERMISSION_SERVICES_WRITE)
                      .addServices(TokenServiceRef.newBuilder().setServiceName("web"))
                      .addServices(TokenServiceRef.newBuilder().setServiceId("1"))
                      .setExpireTime(TIME))
              .build());
    }

    @Override
    public void revokeToken(
        RevokeTokenRequest request, StreamObserver<RevokeTokenResponse> observer) {
      answer(request, observer, RevokeTokenResponse.getDefaultInstance());
    }
  }
}
