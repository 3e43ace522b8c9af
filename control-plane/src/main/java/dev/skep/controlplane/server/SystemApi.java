package dev.skep.controlplane.server;

import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetInfoResponse;
import dev.skep.v1.SystemServiceGrpc;
import io.grpc.stub.StreamObserver;

/** Which version answers, and who asks. */
final class SystemApi extends SystemServiceGrpc.SystemServiceImplBase {
  private final String version;

  SystemApi(String version) {
    this.version = version;
  }

  @Override
  public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> response) {
    Calls.answer(
        response,
        () -> {
          Caller caller = Calls.caller();
          return GetInfoResponse.newBuilder()
              .setVersion(version)
              .setOrganizationId(caller.organization().toString())
              .setOrganizationName(caller.organizationName())
              .setTokenName(caller.tokenName())
              .setUserName(caller.userName())
              .addAllPermissions(caller.reach().everywhere().stream().sorted().toList())
              .build();
        });
  }
}
