package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.agent.v1.RenewCertificateRequest;
import dev.skep.agent.v1.ReportStatsRequest;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.pki.MasterKey;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The agents' port over mutual TLS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AgentLinkTest {
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
  }

  @AfterAll
  void stop() {
    skep().close();
  }

  @Test
  void withoutACertificateOnlyEnrolmentWorks() throws Exception {
    var agents = AgentServiceGrpc.newBlockingStub(skep().strangers());

    assertRefused(
        Status.Code.UNAUTHENTICATED,
        () -> agents.reportStats(ReportStatsRequest.getDefaultInstance()));
    assertRefused(
        Status.Code.UNAUTHENTICATED,
        () -> agents.renewCertificate(RenewCertificateRequest.getDefaultInstance()));
    assertThat(enroll(token(), TestAgents.keys(), "w-enrolls").getWorkerId()).isNotEmpty();
  }

  @Test
  void anEnrolledWorkerIsKnownByItsCertificate() throws Exception {
    KeyPair key = TestAgents.keys();
    EnrollResponse enrolled = enroll(token(), key, "w-known");
    var agents =
        AgentServiceGrpc.newBlockingStub(skep().agents(TestAgents.identity(key, enrolled)));
    byte[] next = TestAgents.keys().getPublic().getEncoded();

    assertThat(
            agents
                .renewCertificate(
                    RenewCertificateRequest.newBuilder()
                        .setPublicKey(ByteString.copyFrom(next))
                        .build())
                .getCertificate())
        .isNotEqualTo(enrolled.getCertificate());
  }

  @Test
  void aCertificateOfAnotherAuthorityFailsTheHandshake(@TempDir Path directory) throws Exception {
    KeyPair key = TestAgents.keys();
    try (TestDatabase other = TestDatabase.create()) {
      var authority =
          CertificateAuthority.open(
              other.database(),
              MasterKey.open(directory.resolve("master.key")),
              InstantSource.system());
      byte[] certificate =
          authority.issueWorker(new WorkerId(UUID.randomUUID()), key.getPublic()).getEncoded();
      var agents =
          AgentServiceGrpc.newBlockingStub(
              skep()
                  .agents(
                      TlsChannelCredentials.newBuilder()
                          .trustManager(skep().authority().toFile())
                          .keyManager(
                              TestAgents.pem("CERTIFICATE", certificate),
                              TestAgents.pem("PRIVATE KEY", key.getPrivate().getEncoded()))
                          .build()));

      assertRefused(
          Status.Code.UNAVAILABLE,
          () -> agents.reportStats(ReportStatsRequest.getDefaultInstance()));
    }
  }

  @Test
  void aUsedTokenIsRefused() throws Exception {
    String token = token();
    enroll(token, TestAgents.keys(), "w-first");

    assertRefused(Status.Code.UNAUTHENTICATED, () -> enroll(token, TestAgents.keys(), "w-second"));
  }

  @Test
  void whoDoesNotHoldTheKeyIsRefused() {
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            EnrollmentServiceGrpc.newBlockingStub(skep().strangers())
                .enroll(
                    TestAgents.request(token(), TestAgents.keys(), "w-proof").toBuilder()
                        .setProof(ByteString.copyFromUtf8("x"))
                        .build()));
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            EnrollmentServiceGrpc.newBlockingStub(skep().strangers())
                .enroll(
                    TestAgents.request(token(), TestAgents.keys(), "w-proof").toBuilder()
                        .setPublicKey(
                            ByteString.copyFrom(TestAgents.keys().getPublic().getEncoded()))
                        .build()));
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void assertRefused(Status.Code code, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code));
  }

  private String token() {
    return agents().token();
  }

  private EnrollResponse enroll(String token, KeyPair key, String name) throws Exception {
    return agents().enroll(token, key, name);
  }

  private TestAgents agents() {
    return new TestAgents(skep());
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
