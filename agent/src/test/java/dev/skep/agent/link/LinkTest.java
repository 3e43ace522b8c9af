package dev.skep.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.agent.engine.Dockerd;
import dev.skep.agent.journal.Identity;
import dev.skep.agent.journal.IdentityFile;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.SwarmMembership;
import dev.skep.agent.v1.Usage;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class LinkTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  @TempDir private Path dir;
  private TestControlPlane control;
  private Journal journal;
  private final StatusOutbox outbox = new StatusOutbox();
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicInteger disconnected = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    control = new TestControlPlane();
    journal = Journal.open(dir);
  }

  @AfterEach
  void stop() throws Exception {
    control.close();
  }

  private Enrolment enrolment(JoinToken token) {
    return new Enrolment(
        new IdentityFile(dir),
        List.of(control.endpoint()),
        new Enrolment.Wish(token, "w1", Map.of()));
  }

  private Link link() throws Exception {
    Identity identity = enrolment(control.token()).enrol(Facts.getDefaultInstance());
    var link = new Link(new IdentityFile(dir), identity, cargo(), new Listener());
    link.start();
    return link;
  }

  private Link.Cargo cargo() {
    return new Link.Cargo(
        List.of(),
        journal,
        outbox,
        Facts::getDefaultInstance,
        Usage::getDefaultInstance,
        ids -> {});
  }

  private final class Listener implements Link.ChannelListener {
    @Override
    public void connected(AgentServiceGrpc.AgentServiceStub stub) {
      connected.incrementAndGet();
    }

    @Override
    public void disconnected() {
      disconnected.incrementAndGet();
    }
  }

  @Test
  void refusedTokenIsFinalAndSaysWhatToDo() {
    control.refusal = Status.UNAUTHENTICATED.withDescription("token is used up");
    assertThatThrownBy(() -> enrolment(control.token()).enrol(Facts.getDefaultInstance()))
        .isInstanceOf(Enrolment.Refused.class)
        .hasMessageContaining("token is used up")
        .hasMessageContaining("get a new one");
    assertThat(new IdentityFile(dir).read()).isEmpty();
  }

  @Test
  void anotherAuthorityNeverSeesTheToken() {
    var stranger = JoinToken.parse("skj1.t1.secret." + "0".repeat(64)).orElseThrow();
    assertThatThrownBy(() -> enrolment(stranger).enrol(Facts.getDefaultInstance()))
        .isInstanceOf(Enrolment.Refused.class)
        .hasMessageContaining("not the control plane that made the join token");
    assertThat(control.enrolments).isEmpty();
  }

  @Test
  void enrolmentIsRepeatedWithTheSameKey() throws Exception {
    control.refusal = Status.UNAVAILABLE;
    var answer =
        Thread.startVirtualThread(
            () -> {
              try {
                enrolment(control.token()).enrol(Facts.getDefaultInstance());
              } catch (Enrolment.Refused | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    Dockerd.await(() -> control.enrolments.size() >= 2, SOON);
    control.refusal = null;
    answer.join(SOON);
    assertThat(control.enrolments.stream().map(e -> e.getPublicKey()).distinct()).hasSize(1);
    assertThat(new IdentityFile(dir).read()).map(Identity::workerId).contains("w1");
  }

  @Test
  void silentControlPlaneIsLeftAfterThreeHeartbeats() throws Exception {
    try (var link = link()) {
      Dockerd.await(() -> control.heartbeats.get() > 0, SOON);
      control.ackHeartbeats = false;
      Dockerd.await(() -> control.hellos.size() >= 2, SOON);
      assertThat(link).isNotNull();
      assertThat(disconnected.get()).isPositive();
      control.ackHeartbeats = true;
      int beats = control.heartbeats.get();
      Dockerd.await(() -> control.heartbeats.get() > beats + 5, SOON);
    }
  }

  @Test
  void leaseIsOnDiskBeforeTheNextHeartbeatSaysSo() throws Exception {
    control.leased = List.of("s1");
    try (var link = link()) {
      Dockerd.await(() -> control.held.getLeaseNumber() > 0, SOON);
      assertThat(link).isNotNull();
      assertThat(control.held.getLeasedServiceIdsList()).containsExactly("s1");
      assertThat(journal.lease().left()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
      assertThat(Journal.open(dir).lease().services()).containsExactly("s1");
    }
  }

  @Test
  void brokenSessionComesBackWithRevisionAndStatus() throws Exception {
    outbox.put(
        ObjectStatus.newBuilder()
            .setAssignmentId("swarm")
            .setState(ObjectStatus.State.STATE_APPLIED)
            .build());
    try (var link = link()) {
      Dockerd.await(() -> control.statuses.containsKey("swarm"), SOON);
      control.complete(
          4,
          Assignment.newBuilder()
              .setId("swarm")
              .setSwarm(SwarmMembership.getDefaultInstance())
              .build());
      Dockerd.await(() -> journal.plan().revision() == 10, SOON);
      control.statuses.clear();
      control.hangUp();
      Dockerd.await(() -> control.statuses.containsKey("swarm"), SOON);
      assertThat(control.hellos.getLast().getAssignmentRevision()).isEqualTo(10);
      assertThat(control.hellos.getLast().getLeaderEpoch()).isEqualTo(4);
      assertThat(link).isNotNull();
    }
  }

  @Test
  void gapAsksForEverything() throws Exception {
    try (var link = link()) {
      Dockerd.await(() -> connected.get() > 0, SOON);
      control.send(
          AssignmentSet.newBuilder()
              .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
              .setAppliesTo(77)
              .setResultsIn(78)
              .build());
      Dockerd.await(() -> control.completeRequests.get() == 1, SOON);
      assertThat(link).isNotNull();
    }
  }

  @Test
  void certificateIsRenewedWithAFreshKeyAndUsed() throws Exception {
    control.certificateLife = Duration.ofSeconds(4);
    try (var link = link()) {
      var first = new IdentityFile(dir).read().orElseThrow();
      Dockerd.await(() -> control.renewals.get() == 1 && control.hellos.size() >= 2, SOON);
      var second = new IdentityFile(dir).read().orElseThrow();
      assertThat(second.certificate()).isNotEqualTo(first.certificate());
      assertThat(second.key()).isNotEqualTo(first.key());
      assertThat(second.workerId()).isEqualTo(first.workerId());
      assertThat(link).isNotNull();
    }
  }

  @Test
  void certificateIsRenewedWhenTheControlPlaneWantsIt() throws Exception {
    try (var link = link()) {
      var first = new IdentityFile(dir).read().orElseThrow();
      Dockerd.await(() -> connected.get() > 0, SOON);
      control.send(
          AssignmentSet.newBuilder()
              .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
              .setRenewCertificate(true)
              .build());
      Dockerd.await(() -> control.renewals.get() == 1 && control.hellos.size() >= 2, SOON);
      assertThat(new IdentityFile(dir).read().orElseThrow().key()).isNotEqualTo(first.key());
      assertThat(link).isNotNull();
    }
  }

  @Test
  void controlPlaneThatAppearsLaterIsKnownAndGoneToWhenTheFirstFails() throws Exception {
    try (var other = control.another();
        var link = link()) {
      Dockerd.await(() -> connected.get() == 1, SOON);
      control.others = List.of(other.endpoint());
      Dockerd.await(() -> endpoints().equals(List.of(control.endpoint(), other.endpoint())), SOON);
      other.others = List.of(control.endpoint());
      control.hangUp();
      Dockerd.await(() -> other.hellos.size() == 1, SOON);
      assertThat(control.hellos).as("the one that failed comes last").hasSize(1);
      Dockerd.await(() -> endpoints().equals(List.of(other.endpoint(), control.endpoint())), SOON);
      assertThat(link).isNotNull();
    }
  }

  @Test
  void restartedAgentGoesToTheControlPlaneThatWasGoodLast() throws Exception {
    try (var other = control.another()) {
      control.others = List.of(other.endpoint());
      try (var link = link()) {
        Dockerd.await(() -> endpoints().size() == 2, SOON);
        assertThat(link).isNotNull();
      }
      int hellos = control.hellos.size();
      try (var link = new Link(new IdentityFile(dir), identity(), cargo(), new Listener())) {
        link.start();
        Dockerd.await(() -> control.hellos.size() + other.hellos.size() > hellos, SOON);
        assertThat(control.hellos).hasSizeGreaterThan(hellos);
      }
    }
  }

  @Test
  void enrolmentAsksTheNextWhenOneIsAway() throws Exception {
    var endpoints = List.of("127.0.0.1:1", control.endpoint());
    var wish = new Enrolment.Wish(control.token(), "w1", Map.of());
    var identity =
        new Enrolment(new IdentityFile(dir), endpoints, wish).enrol(Facts.getDefaultInstance());
    assertThat(identity.workerId()).isEqualTo("w1");
  }

  private List<String> endpoints() {
    return identity().endpoints();
  }

  private Identity identity() {
    return new IdentityFile(dir).read().orElseThrow();
  }

  @Test
  void renewalIsDueBetweenHalfAndFourFifths() throws Exception {
    var certificate = enrolment(control.token()).enrol(Facts.getDefaultInstance()).certificate();
    var from = certificate.getNotBefore().toInstant();
    var life = Duration.between(from, certificate.getNotAfter().toInstant());
    assertThat(Renewal.due(certificate, 0)).isEqualTo(from.plus(life.dividedBy(2)));
    assertThat(Renewal.due(certificate, 1))
        .isBeforeOrEqualTo(from.plus(life.multipliedBy(4).dividedBy(5)));
  }
}
