package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.Keys;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.RegisterWorkerRequest;
import dev.skep.v1.RegisterWorkerResponse;
import dev.skep.v1.RegistrationServiceGrpc;
import dev.skep.v1.SendHeartbeatRequest;
import dev.skep.v1.SendHeartbeatResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;

/**
 * Enrolment and heartbeats on the people's port, which asks for no client certificate: a signature
 * by the worker's key stands for it.
 */
final class RegistrationApi extends RegistrationServiceGrpc.RegistrationServiceImplBase {
  /** How far clocks may be apart; so long a signature can be sent again, to say the same again. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private final EnrollmentApi enrollment;
  private final EnrollmentStore store;
  private final Heartbeats heartbeats;
  private final InstantSource clock;

  RegistrationApi(
      EnrollmentApi enrollment, EnrollmentStore store, Heartbeats heartbeats, InstantSource clock) {
    this.enrollment = enrollment;
    this.store = store;
    this.heartbeats = heartbeats;
    this.clock = clock;
  }

  @Override
  public void registerWorker(
      RegisterWorkerRequest request, StreamObserver<RegisterWorkerResponse> response) {
    Calls.answer(response, () -> register(request));
  }

  private RegisterWorkerResponse register(RegisterWorkerRequest request) {
    if (request.getJoinToken().isEmpty()) {
      throw new Refusal(
          Reason.JOIN_TOKEN_REFUSED, "a machine joins with a join token; make one first");
    }
    EnrollResponse enrolled =
        enrollment.enroll(
            EnrollRequest.newBuilder()
                .setJoinToken(request.getJoinToken())
                .setPublicKey(request.getPublicKey())
                .setProof(request.getProof())
                .setName(request.getName())
                .putAllLabels(request.getLabelsMap())
                .setFacts(request.getFacts())
                .build());
    return RegisterWorkerResponse.newBuilder()
        .setWorkerId(enrolled.getWorkerId())
        .setCertificate(enrolled.getCertificate())
        .addAllAuthorities(enrolled.getAuthoritiesList())
        .addAllEndpoints(enrolled.getEndpointsList())
        .setCertificateExpireTime(enrolled.getCertificateExpireTime())
        .build();
  }

  @Override
  public void sendHeartbeat(
      SendHeartbeatRequest request, StreamObserver<SendHeartbeatResponse> response) {
    Calls.answer(
        response,
        () -> {
          Instant now = clock.instant();
          heartbeats.seen(worker(request, now), Beat.of(now, request.getUsage()));
          return SendHeartbeatResponse.newBuilder().setServerTime(Paging.timestamp(now)).build();
        });
  }

  /** One answer to all that is wrong: it tells nothing of workers that there are. */
  private WorkerId worker(SendHeartbeatRequest request, Instant now) {
    byte[] encoded = request.getPublicKey().toByteArray();
    long seconds = request.getTime().getSeconds();
    byte[] content =
        ("skep heartbeat " + request.getWorker() + " " + seconds).getBytes(StandardCharsets.UTF_8);
    boolean proven =
        Math.abs(seconds - now.getEpochSecond()) <= SKEW.toSeconds()
            && Paging.ID.matcher(request.getWorker()).matches()
            && Keys.parsePublicKey(encoded)
                .filter(key -> Keys.signed(key, content, request.getProof().toByteArray()))
                .isPresent();
    WorkerId worker = proven ? new WorkerId(UUID.fromString(request.getWorker())) : null;
    if (worker == null || !store.hasKey(worker, encoded)) {
      throw new Refusal(
          Reason.CERTIFICATE_REFUSED,
          "proof is not a signature of this worker and this minute by the worker's key");
    }
    return worker;
  }
}
