package dev.skep.controlplane.access;

import dev.skep.controlplane.access.TokenStore.TokenRecord;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CreateTokenRequest;
import dev.skep.v1.CreateTokenResponse;
import dev.skep.v1.ListTokensRequest;
import dev.skep.v1.ListTokensResponse;
import dev.skep.v1.Permission;
import dev.skep.v1.RevokeTokenRequest;
import dev.skep.v1.RevokeTokenResponse;
import dev.skep.v1.Token;
import dev.skep.v1.TokensServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The tokens API. */
final class TokensApi extends TokensServiceGrpc.TokensServiceImplBase {
  private static final int MOST_SERVICES = 50;
  private static final Duration DEFAULT_TTL = Duration.ofDays(90);
  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofDays(366);

  private final TokenStore store;

  TokensApi(TokenStore store) {
    this.store = store;
  }

  @Override
  public void createToken(
      CreateTokenRequest request, StreamObserver<CreateTokenResponse> response) {
    Calls.answer(
        response,
        () -> {
          TokenStore.Created created =
              store.create(
                  Calls.caller(),
                  new TokenStore.Wanted(
                      request.getName(),
                      request.getUser(),
                      permissions(request),
                      services(request),
                      ttl(request)));
          return CreateTokenResponse.newBuilder()
              .setToken(proto(created.token()))
              .setSecret(created.secret())
              .build();
        });
  }

  @Override
  public void listTokens(ListTokensRequest request, StreamObserver<ListTokensResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          String before = Paging.id(request.getPageToken());
          List<TokenRecord> rows = store.list(Calls.caller(), before, size + 1);
          Page<TokenRecord> page = Paging.page(rows, size, row -> row.id().toString());
          return ListTokensResponse.newBuilder()
              .addAllTokens(page.items().stream().map(TokensApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void revokeToken(
      RevokeTokenRequest request, StreamObserver<RevokeTokenResponse> response) {
    Calls.answer(
        response,
        () -> {
          store.revoke(Calls.caller(), id(request.getToken()));
          return RevokeTokenResponse.getDefaultInstance();
        });
  }

  private static UUID id(String text) {
    if (!Paging.ID.matcher(text).matches()) {
      throw TokenStore.notFound();
    }
    return UUID.fromString(text);
  }

  private static List<Permission> permissions(CreateTokenRequest request) {
    for (Permission permission : request.getPermissionsList()) {
      switch (permission) {
        case PERMISSION_UNSPECIFIED,
            PERMISSION_NONE,
            PERMISSION_SELF,
            PERMISSION_ACCOUNT,
            UNRECOGNIZED ->
            throw Refusal.ofField(
                Reason.INVALID_FIELD,
                "permissions",
                permission + " cannot be given; ListRoles names those that can");
        default -> {}
      }
    }
    return request.getPermissionsList().stream().distinct().sorted().toList();
  }

  private static List<String> services(CreateTokenRequest request) {
    if (request.getServicesCount() > MOST_SERVICES) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "services", "names more than " + MOST_SERVICES + " services");
    }
    return request.getServicesList();
  }

  private static Duration ttl(CreateTokenRequest request) {
    if (!request.hasTtl()) {
      return DEFAULT_TTL;
    }
    Duration ttl = Duration.ofSeconds(request.getTtl().getSeconds(), request.getTtl().getNanos());
    if (ttl.compareTo(SHORTEST) < 0 || ttl.compareTo(LONGEST) > 0) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "ttl", "is out of range; use 60s to " + LONGEST.toSeconds() + "s");
    }
    return ttl;
  }

  private static Token proto(TokenRecord row) {
    Token.Builder token =
        Token.newBuilder()
            .setId(row.id().toString())
            .setName(row.name())
            .setUserId(row.user().toString())
            .setUserName(row.userName())
            .addAllPermissions(row.permissions())
            .addAllServices(row.services())
            .setCreateTime(Paging.timestamp(row.createdAt()));
    row.expiresAt().map(Paging::timestamp).ifPresent(token::setExpireTime);
    row.lastUsedAt().map(Paging::timestamp).ifPresent(token::setLastUsedTime);
    return token.build();
  }
}
