package dev.skep.controlplane.agentlink;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.controlplane.fleet.WorkerRules;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.pki.Keys;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.state.Presence;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/** Turns a machine with a join token into a worker with a certificate. */
final class EnrollmentApi extends EnrollmentServiceGrpc.EnrollmentServiceImplBase {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private final EnrollmentStore store;
  private final CertificateAuthority authority;
  private final Presence presence;
  private final Executor executor;

  EnrollmentApi(
      EnrollmentStore store, CertificateAuthority authority, Presence presence, Executor executor) {
    this.store = store;
    this.authority = authority;
    this.presence = presence;
    this.executor = executor;
  }

  @Override
  public void enroll(EnrollRequest request, StreamObserver<EnrollResponse> response) {
    executor.execute(() -> Calls.answer(response, () -> enroll(request)));
  }

  EnrollResponse enroll(EnrollRequest request) {
    PublicKey key = check(request);
    WorkerId worker = store.enroll(request);
    X509Certificate certificate = authority.issueWorker(worker, key);
    Instant expiry = certificate.getNotAfter().toInstant();
    return EnrollResponse.newBuilder()
        .setWorkerId(worker.toString())
        .setCertificate(ByteString.copyFrom(Keys.encoded(certificate)))
        .addAuthorities(ByteString.copyFrom(Keys.encoded(authority.root())))
        .addAllEndpoints(presence.endpoints())
        .setCertificateExpireTime(Timestamp.newBuilder().setSeconds(expiry.getEpochSecond()))
        .build();
  }

  private static PublicKey check(EnrollRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (!NAME.matcher(request.getName()).matches()) {
      wrong.add(
          new FieldViolation(
              "name", "is not a host name; use 1 to 63 lower-case letters, digits and hyphens"));
    }
    wrong.addAll(WorkerRules.labels(request.getLabelsMap()));
    if (request.getFacts().getCpuMillis() <= 0 || request.getFacts().getMemoryBytes() <= 0) {
      wrong.add(new FieldViolation("facts", "must tell the CPU and the memory of the machine"));
    }
    Optional<PublicKey> key = Keys.parsePublicKey(request.getPublicKey().toByteArray());
    if (key.isEmpty()) {
      wrong.add(new FieldViolation("public_key", "is not a P-256 public key"));
    } else if (!Keys.signed(
        key.get(),
        request.getJoinToken().getBytes(StandardCharsets.UTF_8),
        request.getProof().toByteArray())) {
      wrong.add(new FieldViolation("proof", "is not a signature of the join token by public_key"));
    }
    Refusal.ifAny(wrong);
    return key.orElseThrow();
  }
}
