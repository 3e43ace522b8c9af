package dev.skep.agent.link;

import com.google.protobuf.ByteString;
import dev.skep.agent.journal.Identity;
import dev.skep.agent.journal.IdentityFile;
import dev.skep.agent.journal.Keys;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.RenewCertificateRequest;
import io.grpc.Channel;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** When and how a certificate is replaced. */
final class Renewal {
  private static final double EARLIEST = 0.5;
  private static final double LATEST = 0.8;
  private static final long DEADLINE_SECONDS = 20;

  private Renewal() {}

  /**
   * Somewhere between 50 and 80 % of its life, so that a fleet that enrolled together does not
   * renew together.
   *
   * @param random 0 to 1
   */
  static Instant due(X509Certificate certificate, double random) {
    var from = certificate.getNotBefore().toInstant();
    var life = Duration.between(from, certificate.getNotAfter().toInstant());
    double share = EARLIEST + (LATEST - EARLIEST) * random;
    return from.plusMillis((long) (life.toMillis() * share));
  }

  /** Asks for a certificate for a fresh key and keeps both on disk. */
  static Identity renew(Channel channel, Identity old, IdentityFile file)
      throws CertificateException {
    var keys = Keys.generate();
    var answer =
        AgentServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .renewCertificate(
                RenewCertificateRequest.newBuilder()
                    .setPublicKey(ByteString.copyFrom(keys.getPublic().getEncoded()))
                    .build());
    var authorities = IdentityFile.authorities(answer.getAuthoritiesList());
    var renewed =
        new Identity(
            old.workerId(),
            keys.getPrivate(),
            Keys.certificate(answer.getCertificate()),
            authorities.isEmpty() ? old.authorities() : authorities,
            old.endpoints());
    file.write(renewed);
    return renewed;
  }
}
