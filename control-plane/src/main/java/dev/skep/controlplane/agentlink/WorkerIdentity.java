package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.CertificateAuthority;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Which worker calls, by its client certificate. The handshake has checked that our authority
 * signed it; only enrolment works without one.
 */
public final class WorkerIdentity implements ServerInterceptor {
  private static final Context.Key<WorkerId> WORKER = Context.key("worker");
  private static final int SAN_URI = 6;

  /** The worker of the current call. */
  static WorkerId current() {
    return WORKER.get();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (EnrollmentServiceGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
      return next.startCall(call, headers);
    }
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    WorkerId worker =
        certificate(session)
            .flatMap(WorkerIdentity::worker)
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.CERTIFICATE_REQUIRED,
                        "this call needs the client certificate of a worker; enroll first"));
    return Contexts.interceptCall(Context.current().withValue(WORKER, worker), call, headers, next);
  }

  private static Optional<X509Certificate> certificate(@Nullable SSLSession session) {
    if (session == null) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf
          ? Optional.of(leaf)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      // The caller showed none.
      return Optional.empty();
    }
  }

  private static Optional<WorkerId> worker(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? Optional.empty()
          : names.stream()
              .filter(name -> name.get(0).equals(SAN_URI))
              .map(name -> (String) name.get(1))
              .filter(uri -> uri.startsWith(CertificateAuthority.WORKER_URI))
              .map(uri -> uri.substring(CertificateAuthority.WORKER_URI.length()))
              .map(id -> new WorkerId(UUID.fromString(id)))
              .findFirst();
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
  }
}
