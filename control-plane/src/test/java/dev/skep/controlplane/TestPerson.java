package dev.skep.controlplane;

import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.CreateUserRequest;
import dev.skep.v1.LoginRequest;
import dev.skep.v1.LoginResponse;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.Role;
import dev.skep.v1.SetMemberRequest;
import dev.skep.v1.SetPasswordRequest;
import dev.skep.v1.UsersServiceGrpc;
import io.grpc.Channel;

/** Somebody with an account and a password, made by the API. */
record TestPerson(TestControlPlane skep, String name) {
  static final String PASSWORD = "tin soldiers marching home";

  /** Makes the account and sets its password. */
  static TestPerson create(TestControlPlane skep, String name) {
    String code =
        UsersServiceGrpc.newBlockingStub(skep.people())
            .createUser(CreateUserRequest.newBuilder().setName(name).build())
            .getPasswordCode()
            .getCode();
    var _ =
        AccountServiceGrpc.newBlockingStub(skep.people(""))
            .setPassword(
                SetPasswordRequest.newBuilder().setCode(code).setPassword(PASSWORD).build());
    return new TestPerson(skep, name);
  }

  TestPerson joins(TestTenant tenant, Role role) {
    var _ =
        MembersServiceGrpc.newBlockingStub(tenant.platform())
            .setMember(SetMemberRequest.newBuilder().setUser(name).setRole(role).build());
    return this;
  }

  LoginResponse login(String password) {
    return AccountServiceGrpc.newBlockingStub(skep.people(""))
        .login(LoginRequest.newBuilder().setUser(name).setPassword(password).build());
  }

  /** Calls of a new session. */
  Channel signedIn() {
    return skep.people(login(PASSWORD).getSessionToken());
  }
}
