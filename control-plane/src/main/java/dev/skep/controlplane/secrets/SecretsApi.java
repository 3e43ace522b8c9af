package dev.skep.controlplane.secrets;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.services.SecretRollout;
import dev.skep.controlplane.vault.SecretValue;
import dev.skep.v1.AddSecretVersionRequest;
import dev.skep.v1.AddSecretVersionResponse;
import dev.skep.v1.CreateSecretRequest;
import dev.skep.v1.CreateSecretResponse;
import dev.skep.v1.DeleteSecretRequest;
import dev.skep.v1.DeleteSecretResponse;
import dev.skep.v1.GetSecretRequest;
import dev.skep.v1.GetSecretResponse;
import dev.skep.v1.ListSecretsRequest;
import dev.skep.v1.ListSecretsResponse;
import dev.skep.v1.RotationDeployment;
import dev.skep.v1.Secret;
import dev.skep.v1.SecretRotation;
import dev.skep.v1.SecretUser;
import dev.skep.v1.SecretVersion;
import dev.skep.v1.SecretsServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;

/** The secrets API: values come in here and are in no answer. */
final class SecretsApi extends SecretsServiceGrpc.SecretsServiceImplBase {
  private final SecretsService secrets;

  SecretsApi(SecretsService secrets) {
    this.secrets = secrets;
  }

  @Override
  public void createSecret(
      CreateSecretRequest request, StreamObserver<CreateSecretResponse> response) {
    Calls.answer(
        response,
        () ->
            CreateSecretResponse.newBuilder()
                .setSecret(
                    proto(
                        secrets.create(
                            author(),
                            request.getName(),
                            SecretValue.of(request.getValue().toByteArray()))))
                .build());
  }

  @Override
  public void listSecrets(
      ListSecretsRequest request, StreamObserver<ListSecretsResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<SecretRecord> rows =
              secrets.list(organization(), Paging.after(request.getPageToken()), size + 1);
          Page<SecretRecord> page = Paging.page(rows, size, SecretRecord::name);
          return ListSecretsResponse.newBuilder()
              .addAllSecrets(page.items().stream().map(SecretsApi::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> response) {
    Calls.answer(
        response,
        () ->
            GetSecretResponse.newBuilder()
                .setSecret(proto(secrets.get(organization(), request.getSecret())))
                .build());
  }

  @Override
  public void addSecretVersion(
      AddSecretVersionRequest request, StreamObserver<AddSecretVersionResponse> response) {
    Calls.answer(
        response,
        () -> {
          SecretsService.Rotated rotated =
              secrets.addVersion(
                  author(),
                  request.getSecret(),
                  SecretValue.of(request.getValue().toByteArray()),
                  order(request.getRotation()));
          return AddSecretVersionResponse.newBuilder()
              .setSecret(proto(rotated.secret()))
              .addAllDeployments(
                  rotated.started().stream().flatMap(s -> deployment(s).stream()).toList())
              .build();
        });
  }

  @Override
  public void deleteSecret(
      DeleteSecretRequest request, StreamObserver<DeleteSecretResponse> response) {
    Calls.answer(
        response,
        () -> {
          secrets.delete(organization(), request.getSecret());
          return DeleteSecretResponse.getDefaultInstance();
        });
  }

  private static Optional<SecretRollout.Order> order(SecretRotation rotation) {
    return switch (rotation) {
      case SECRET_ROTATION_UNSPECIFIED, SECRET_ROTATION_NONE -> Optional.empty();
      case SECRET_ROTATION_RESTART -> Optional.of(SecretRollout.Order.STOP_FIRST);
      case SECRET_ROTATION_ROLLING -> Optional.of(SecretRollout.Order.START_FIRST);
      case UNRECOGNIZED ->
          throw Refusal.ofField(
              Reason.INVALID_FIELD,
              "rotation",
              "is unknown; use SECRET_ROTATION_NONE, SECRET_ROTATION_RESTART or"
                  + " SECRET_ROTATION_ROLLING");
    };
  }

  private static Optional<RotationDeployment> deployment(SecretRollout.Started started) {
    return started
        .deployment()
        .map(
            id ->
                RotationDeployment.newBuilder()
                    .setServiceId(started.service().toString())
                    .setServiceName(started.name())
                    .setDeploymentId(id)
                    .build());
  }

  private static Secret proto(SecretRecord secret) {
    return Secret.newBuilder()
        .setId(secret.id().toString())
        .setName(secret.name())
        .setCurrentVersion(secret.lastVersion())
        .addAllVersions(secret.versions().stream().map(SecretsApi::version).toList())
        .addAllUsedBy(secret.users().stream().map(SecretsApi::user).toList())
        .setCreateTime(Paging.timestamp(secret.createdAt()))
        .setUpdateTime(Paging.timestamp(secret.updatedAt()))
        .build();
  }

  private static SecretVersion version(SecretRecord.Version version) {
    SecretVersion.Builder proto =
        SecretVersion.newBuilder()
            .setNumber(version.number())
            .setSizeBytes(version.bytes())
            .setCreatedBy(version.createdBy())
            .setCreateTime(Paging.timestamp(version.createdAt()));
    if (version.keepUntil() != null) {
      proto.setKeepUntilTime(Paging.timestamp(version.keepUntil()));
    }
    return proto.build();
  }

  private static SecretUser user(SecretRecord.User user) {
    return SecretUser.newBuilder()
        .setServiceId(user.serviceId())
        .setServiceName(user.service())
        .setReleaseNumber(user.release())
        .setVersion(user.version())
        .setEnv(user.variable())
        .setPath(user.path())
        .build();
  }

  private static NewSecrets.Author author() {
    return new NewSecrets.Author(organization(), Calls.caller().userName());
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
