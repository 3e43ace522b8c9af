package dev.skep.controlplane;

import dev.skep.v1.CreateOrganizationRequest;
import dev.skep.v1.CreateServiceAccountRequest;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.CreateTokenResponse;
import dev.skep.v1.GrantsServiceGrpc;
import dev.skep.v1.Member;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.Organization;
import dev.skep.v1.OrganizationsServiceGrpc;
import dev.skep.v1.Role;
import dev.skep.v1.SetGrantRequest;
import dev.skep.v1.TokensServiceGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Locale;

/** An organization with programs of every role, made by the API. */
final class TestTenant {
  private static final Metadata.Key<String> ORGANIZATION =
      Metadata.Key.of("skep-organization", Metadata.ASCII_STRING_MARSHALLER);

  private final TestControlPlane skep;
  private final Channel platform;
  private final Organization organization;

  TestTenant(TestControlPlane skep, String name) {
    this.skep = skep;
    this.organization =
        OrganizationsServiceGrpc.newBlockingStub(skep.people())
            .createOrganization(CreateOrganizationRequest.newBuilder().setName(name).build())
            .getOrganization();
    this.platform = in(skep.people(), name);
  }

  /** Calls are about this organization. */
  static Channel in(Channel channel, String organization) {
    Metadata headers = new Metadata();
    headers.put(ORGANIZATION, organization);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  Organization organization() {
    return organization;
  }

  /** A platform admin who acts here. */
  Channel platform() {
    return platform;
  }

  /** A new program with this role. */
  Member program(Role role) {
    return program(
        organization.getName() + role.name().toLowerCase(Locale.ROOT).replace("role_", "-"), role);
  }

  Member program(String name, Role role) {
    return MembersServiceGrpc.newBlockingStub(platform)
        .createServiceAccount(
            CreateServiceAccountRequest.newBuilder().setName(name).setRole(role).build())
        .getMember();
  }

  /** For these services alone, or for all of them. */
  CreateTokenResponse token(Member member, String... services) {
    return TokensServiceGrpc.newBlockingStub(platform)
        .createToken(
            CreateTokenRequest.newBuilder()
                .setName("t")
                .setUser(member.getUserId())
                .addAllServices(List.of(services))
                .build());
  }

  void grant(String service, Member member, Role role) {
    var _ =
        GrantsServiceGrpc.newBlockingStub(platform)
            .setGrant(
                SetGrantRequest.newBuilder()
                    .setService(service)
                    .setUser(member.getUserId())
                    .setRole(role)
                    .build());
  }

  /** Calls of a new program with this role. */
  Channel as(Role role) {
    return skep.people(token(program(role)).getSecret());
  }
}
