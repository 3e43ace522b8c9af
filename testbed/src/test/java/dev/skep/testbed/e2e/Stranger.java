package dev.skep.testbed.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An agent's identity in the hands of somebody who trusts everybody. */
final class Stranger {
  private static final long LIMIT_SECONDS = 20;
  private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private final KeyPair keys;
  private final byte[] certificate;

  private Stranger(KeyPair keys, byte[] certificate) {
    this.keys = keys;
    this.certificate = certificate;
  }

  /** Enrols with the control plane that made the token. */
  static Stranger enrol(String endpoint, String joinToken) throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    var keys = generator.generateKeyPair();
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(joinToken.getBytes(UTF_8));
    var request =
        EnrollRequest.newBuilder()
            .setJoinToken(joinToken)
            .setPublicKey(ByteString.copyFrom(keys.getPublic().getEncoded()))
            .setProof(ByteString.copyFrom(signature.sign()))
            .setName("stranger")
            .setFacts(Facts.newBuilder().setCpuMillis(1000).setMemoryBytes(1L << 30))
            .build();
    var channel = channel(endpoint, trustAll());
    try {
      var answer =
          EnrollmentServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS)
              .enroll(request);
      return new Stranger(keys, answer.getCertificate().toByteArray());
    } finally {
      channel.shutdownNow();
    }
  }

  /** Says hello; OK when it is welcomed. */
  Status hello(String endpoint)
      throws IOException, ExecutionException, InterruptedException, TimeoutException {
    var credentials =
        trustAll()
            .keyManager(
                pem("CERTIFICATE", certificate),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    var channel = channel(endpoint, credentials);
    try {
      var answer = new FirstAnswer();
      var session = AgentServiceGrpc.newStub(channel).session(answer);
      var hello = Hello.newBuilder().setProtocolVersion(1).setInstanceId("stranger");
      session.onNext(SessionRequest.newBuilder().setHello(hello).build());
      return answer.status.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } finally {
      channel.shutdownNow();
    }
  }

  private static final class FirstAnswer implements StreamObserver<SessionResponse> {
    private final CompletableFuture<Status> status = new CompletableFuture<>();

    @Override
    public void onNext(SessionResponse response) {
      status.complete(Status.OK);
    }

    @Override
    public void onError(Throwable failure) {
      status.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      status.complete(Status.CANCELLED);
    }
  }

  private static TlsChannelCredentials.Builder trustAll() {
    return TlsChannelCredentials.newBuilder()
        .trustManager(InsecureTrustManagerFactory.INSTANCE.getTrustManagers());
  }

  private static ManagedChannel channel(
      String endpoint, TlsChannelCredentials.Builder credentials) {
    return Grpc.newChannelBuilder(endpoint, credentials.build()).build();
  }

  private static InputStream pem(String kind, byte[] der) {
    var encoded = PEM.encodeToString(der);
    return new ByteArrayInputStream(
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(kind, encoded, kind)
            .getBytes(UTF_8));
  }
}
