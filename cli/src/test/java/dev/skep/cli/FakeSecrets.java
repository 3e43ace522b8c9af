package dev.skep.cli;

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
import dev.skep.v1.Secret;
import dev.skep.v1.SecretRotation;
import dev.skep.v1.SecretsServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** One secret per page, with a service that has its first version. */
final class FakeSecrets extends SecretsServiceGrpc.SecretsServiceImplBase {
  private final List<Object> requests;

  FakeSecrets(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, StreamObserver<T> observer, T value) {
    requests.add(request);
    observer.onNext(value);
    observer.onCompleted();
  }

  private static Secret secret(String name) {
    var secret = Secret.newBuilder().setId("id-" + name).setName(name).setCurrentVersion(2);
    secret.addVersionsBuilder().setNumber(2).setSizeBytes(7).setCreatedBy("ada");
    secret.addUsedByBuilder().setServiceName("api").setReleaseNumber(3).setVersion(1).setEnv("DB");
    return secret.build();
  }

  @Override
  public void createSecret(
      CreateSecretRequest request, StreamObserver<CreateSecretResponse> observer) {
    var answer = CreateSecretResponse.newBuilder().setSecret(secret(request.getName()));
    answer(request, observer, answer.build());
  }

  @Override
  public void listSecrets(
      ListSecretsRequest request, StreamObserver<ListSecretsResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    var answer = ListSecretsResponse.newBuilder().addSecrets(secret(first ? "db" : "tls"));
    answer(request, observer, answer.setNextPageToken(first ? "next" : "").build());
  }

  @Override
  public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> observer) {
    var answer = GetSecretResponse.newBuilder().setSecret(secret(request.getSecret()));
    answer(request, observer, answer.build());
  }

  @Override
  public void addSecretVersion(
      AddSecretVersionRequest request, StreamObserver<AddSecretVersionResponse> observer) {
    var answer = AddSecretVersionResponse.newBuilder().setSecret(secret(request.getSecret()));
    if (request.getRotation() != SecretRotation.SECRET_ROTATION_NONE) {
      answer
          .addDeploymentsBuilder()
          .setServiceId("api")
          .setServiceName("api")
          .setDeploymentId("d1");
    }
    answer(request, observer, answer.build());
  }

  @Override
  public void deleteSecret(
      DeleteSecretRequest request, StreamObserver<DeleteSecretResponse> observer) {
    answer(request, observer, DeleteSecretResponse.getDefaultInstance());
  }
}
