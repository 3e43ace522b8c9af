package dev.skep.controlplane.agentlink;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.RenewCertificateRequest;
import dev.skep.agent.v1.RenewCertificateResponse;
import dev.skep.agent.v1.ReportStatsRequest;
import dev.skep.agent.v1.ReportStatsResponse;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.logs.LogIngest;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.pki.Keys;
import dev.skep.controlplane.rpc.Calls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.PublicKey;
import java.util.concurrent.Executor;

/** The calls of enrolled agents. Nothing here runs long on the network's threads. */
final class AgentApi extends AgentServiceGrpc.AgentServiceImplBase {
  private final SessionContext sessions;
  private final LogIngest logs;
  private final UsageStore usage;
  private final EnrollmentStore enrollments;
  private final CertificateAuthority authority;
  private final Executor executor;

  AgentApi(
      SessionContext sessions,
      LogIngest logs,
      UsageStore usage,
      EnrollmentStore enrollments,
      CertificateAuthority authority,
      Executor executor) {
    this.sessions = sessions;
    this.logs = logs;
    this.usage = usage;
    this.enrollments = enrollments;
    this.authority = authority;
    this.executor = executor;
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> response) {
    Session session =
        new Session(
            WorkerIdentity.current(),
            (ServerCallStreamObserver<SessionResponse>) response,
            sessions);
    executor.execute(session);
    return session;
  }

  @Override
  public StreamObserver<ShipLogsRequest> shipLogs(StreamObserver<ShipLogsResponse> response) {
    return new LogStream(
        WorkerIdentity.current(), (ServerCallStreamObserver<ShipLogsResponse>) response, logs);
  }

  @Override
  public void reportStats(
      ReportStatsRequest request, StreamObserver<ReportStatsResponse> response) {
    WorkerId worker = WorkerIdentity.current();
    executor.execute(
        () ->
            Calls.answer(
                response,
                () -> {
                  usage.write(worker, request);
                  return ReportStatsResponse.getDefaultInstance();
                }));
  }

  @Override
  public void renewCertificate(
      RenewCertificateRequest request, StreamObserver<RenewCertificateResponse> response) {
    WorkerId worker = WorkerIdentity.current();
    executor.execute(() -> Calls.answer(response, () -> renew(worker, request)));
  }

  private RenewCertificateResponse renew(WorkerId worker, RenewCertificateRequest request) {
    byte[] encoded = request.getPublicKey().toByteArray();
    PublicKey key =
        Keys.parsePublicKey(encoded)
            .orElseThrow(
                () ->
                    Refusal.ofField(
                        Reason.INVALID_FIELD, "public_key", "is not a P-256 public key"));
    enrollments.changeKey(worker, encoded);
    return RenewCertificateResponse.newBuilder()
        .setCertificate(ByteString.copyFrom(Keys.encoded(authority.issueWorker(worker, key))))
        .addAuthorities(ByteString.copyFrom(Keys.encoded(authority.root())))
        .build();
  }
}
