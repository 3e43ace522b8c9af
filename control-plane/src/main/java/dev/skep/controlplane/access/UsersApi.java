package dev.skep.controlplane.access;

import dev.skep.controlplane.access.UserStore.UserRecord;
import dev.skep.controlplane.identity.PasswordCodes;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CreatePasswordCodeRequest;
import dev.skep.v1.CreatePasswordCodeResponse;
import dev.skep.v1.CreateUserRequest;
import dev.skep.v1.CreateUserResponse;
import dev.skep.v1.ListUsersRequest;
import dev.skep.v1.ListUsersResponse;
import dev.skep.v1.PasswordCode;
import dev.skep.v1.UpdateUserRequest;
import dev.skep.v1.UpdateUserResponse;
import dev.skep.v1.User;
import dev.skep.v1.UsersServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;

/** The accounts API. */
final class UsersApi extends UsersServiceGrpc.UsersServiceImplBase {
  private final UserStore store;

  UsersApi(UserStore store) {
    this.store = store;
  }

  @Override
  public void createUser(CreateUserRequest request, StreamObserver<CreateUserResponse> response) {
    Calls.answer(
        response,
        () -> {
          UserStore.Created created =
              store.create(Calls.caller(), request.getName(), request.getPlatformAdmin());
          return CreateUserResponse.newBuilder()
              .setUser(proto(created.user()))
              .setPasswordCode(proto(created.code()))
              .build();
        });
  }

  @Override
  public void createPasswordCode(
      CreatePasswordCodeRequest request, StreamObserver<CreatePasswordCodeResponse> response) {
    Calls.answer(
        response,
        () ->
            CreatePasswordCodeResponse.newBuilder()
                .setPasswordCode(proto(store.createCode(request.getUser())))
                .build());
  }

  @Override
  public void listUsers(ListUsersRequest request, StreamObserver<ListUsersResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<UserRecord> rows = store.list(Paging.after(request.getPageToken()), size + 1);
          Page<UserRecord> page = Paging.page(rows, size, UserRecord::name);
          return ListUsersResponse.newBuilder()
              .addAllUsers(page.items().stream().map(UsersApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void updateUser(UpdateUserRequest request, StreamObserver<UpdateUserResponse> response) {
    Calls.answer(
        response,
        () ->
            UpdateUserResponse.newBuilder()
                .setUser(proto(store.update(Calls.caller(), request.getUser(), update(request))))
                .build());
  }

  private static UserStore.Update update(UpdateUserRequest request) {
    return new UserStore.Update(
        request.hasDisabled() ? Optional.of(request.getDisabled()) : Optional.empty(),
        request.hasPlatformAdmin() ? Optional.of(request.getPlatformAdmin()) : Optional.empty(),
        request.getDisableTotp());
  }

  private static PasswordCode proto(PasswordCodes.Created created) {
    return PasswordCode.newBuilder()
        .setCode(created.code())
        .setExpireTime(Paging.timestamp(created.expiresAt()))
        .build();
  }

  private static User proto(UserRecord row) {
    return User.newBuilder()
        .setId(row.id().toString())
        .setName(row.name())
        .setDisabled(row.disabled())
        .setPlatformAdmin(row.platformAdmin())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .build();
  }
}
