package dev.skep.agent.link;

import com.google.protobuf.ByteString;
import dev.skep.agent.journal.Identity;
import dev.skep.agent.journal.IdentityFile;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.agent.v1.Facts;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a machine with a join token into a worker. */
public final class Enrolment {
  private static final Logger log = LoggerFactory.getLogger(Enrolment.class);
  private static final long DEADLINE_SECONDS = 20;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final IdentityFile file;
  private final List<String> endpoints;
  private final Wish wish;
  private final Dialer dialer = new Dialer();

  /** What the machine's owner wants it to be. */
  public record Wish(JoinToken token, String name, Map<String, String> labels) {}

  /** {@code endpoints} are asked in turn. */
  public Enrolment(IdentityFile file, List<String> endpoints, Wish wish) {
    this.file = file;
    this.endpoints = List.copyOf(endpoints);
    this.wish = wish;
  }

  /** The control plane said no; asking again would not help. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Asks until there is an answer, and keeps it on disk. */
  public Identity enrol(Facts facts) throws Refused, InterruptedException {
    var keys = file.enrolmentKey();
    for (int failures = 0; ; failures++) {
      String endpoint = endpoints.get(failures % endpoints.size());
      try {
        var identity = ask(endpoint, keys, facts);
        file.write(identity);
        log.info("Enrolled as worker {}", identity.workerId());
        return identity;
      } catch (StatusRuntimeException e) {
        refuse(endpoint, e);
        var pause =
            Backoff.pause(
                failures / endpoints.size(),
                LONGEST_PAUSE,
                ThreadLocalRandom.current().nextDouble());
        log.warn("{} cannot be reached ({}); trying again", endpoint, Reason.of(e));
        Thread.sleep(pause);
      } catch (GeneralSecurityException e) {
        throw new Refused("the control plane answered with a broken certificate", e);
      }
    }
  }

  private Identity ask(String endpoint, KeyPair keys, Facts facts) throws GeneralSecurityException {
    var request =
        EnrollRequest.newBuilder()
            .setJoinToken(wish.token().text())
            .setPublicKey(ByteString.copyFrom(keys.getPublic().getEncoded()))
            .setProof(proof(keys))
            .setName(wish.name())
            .putAllLabels(wish.labels())
            .setFacts(facts)
            .build();
    ManagedChannel channel = dialer.enrolment(endpoint, wish.token());
    try {
      var answer =
          EnrollmentServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .enroll(request);
      return IdentityFile.identity(keys.getPrivate(), answer);
    } finally {
      channel.shutdownNow();
    }
  }

  private ByteString proof(KeyPair keys) throws GeneralSecurityException {
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(wish.token().text().getBytes(StandardCharsets.UTF_8));
    return ByteString.copyFrom(signature.sign());
  }

  private void refuse(String endpoint, StatusRuntimeException e) throws Refused {
    if (Reason.hasCause(e, PinnedTrust.WrongAuthority.class)) {
      throw new Refused(
          endpoint
              + " is not the control plane that made the join token: "
              + "no certificate it sent has the pinned key. Check the address, or get a new token",
          e);
    }
    switch (e.getStatus().getCode()) {
      case UNAUTHENTICATED, PERMISSION_DENIED ->
          throw new Refused("the join token was refused (" + Reason.of(e) + "): get a new one", e);
      case INVALID_ARGUMENT, ALREADY_EXISTS, FAILED_PRECONDITION, UNIMPLEMENTED ->
          throw new Refused("the control plane refused this worker: " + Reason.of(e), e);
      default -> log.debug("Enrolment failed", e);
    }
  }
}
