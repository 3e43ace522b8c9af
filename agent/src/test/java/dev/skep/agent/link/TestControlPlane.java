package dev.skep.agent.link;

import com.google.protobuf.ByteString;
import dev.skep.agent.journal.Keys;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.HeartbeatAck;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.RenewCertificateRequest;
import dev.skep.agent.v1.RenewCertificateResponse;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.StatusAck;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.VolumeLease;
import dev.skep.agent.v1.Welcome;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A control plane over real TLS that does what the protocol says, and what a test tells it to. */
public final class TestControlPlane implements AutoCloseable {
  private final TestAuthority authority;
  private final int port;
  private final Server server;
  private @Nullable StreamObserver<SessionResponse> session;
  private long revision;

  public final List<Hello> hellos = new CopyOnWriteArrayList<>();
  public final Map<String, ObjectStatus> statuses = new ConcurrentHashMap<>();
  public final List<ObjectStatus> history = new CopyOnWriteArrayList<>();
  public final AtomicInteger heartbeats = new AtomicInteger();
  public final AtomicInteger completeRequests = new AtomicInteger();
  public final AtomicInteger renewals = new AtomicInteger();
  public final List<EnrollRequest> enrolments = new CopyOnWriteArrayList<>();
  public volatile boolean ackHeartbeats = true;
  public volatile List<String> others = List.of();
  public volatile Duration heartbeatInterval = Duration.ofMillis(300);
  public volatile Duration certificateLife = Duration.ofHours(24);
  public volatile @Nullable Status refusal;

  /** Services that each heartbeat gets a lease of. */
  public volatile List<String> leased = List.of();

  /** The heartbeat that came last. */
  public volatile Heartbeat held = Heartbeat.getDefaultInstance();

  public volatile SwarmState swarm = SwarmState.getDefaultInstance();

  public TestControlPlane() throws Exception {
    this(new TestAuthority());
  }

  /** Another one of the same installation. */
  public TestControlPlane another() throws Exception {
    return new TestControlPlane(authority);
  }

  private TestControlPlane(TestAuthority authority) throws Exception {
    this.authority = authority;
    var keys = Keys.generate();
    var certificate = authority.server(keys.getPublic(), "control-plane.skep.internal");
    var tls =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(keys.getPrivate(), certificate, authority.certificate))
            .clientAuth(ClientAuth.OPTIONAL)
            .trustManager(authority.certificate)
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(tls)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .addService(new Enrollment())
            .addService(new Agents())
            .build()
            .start();
    port = server.getPort();
  }

  public String endpoint() {
    return "127.0.0.1:" + port;
  }

  public JoinToken token() {
    return JoinToken.parse("skj1.t1.secret." + PinnedTrust.digest(authority.certificate))
        .orElseThrow();
  }

  /** The last that was said of an object. */
  public ObjectStatus status(String id) {
    return statuses.getOrDefault(id, ObjectStatus.getDefaultInstance());
  }

  /** Sends everything. */
  public synchronized void complete(long epoch, Assignment... all) {
    revision += 10;
    send(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_COMPLETE)
            .setResultsIn(revision)
            .setLeaderEpoch(epoch)
            .addAllPut(List.of(all))
            .build());
  }

  /** Sends what changed. */
  public synchronized void change(List<Assignment> put, List<String> remove) {
    send(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
            .setAppliesTo(revision)
            .setResultsIn(++revision)
            .setLeaderEpoch(1)
            .addAllPut(put)
            .addAllRemove(remove)
            .build());
  }

  public synchronized void send(AssignmentSet set) {
    answer(SessionResponse.newBuilder().setAssignments(set).build());
  }

  private void lease(long heartbeat) {
    answer(
        SessionResponse.newBuilder()
            .setVolumeLease(
                VolumeLease.newBuilder()
                    .setNumber(heartbeat)
                    .setHeartbeatSequence(heartbeat)
                    .setValidFor(com.google.protobuf.Duration.newBuilder().setSeconds(60))
                    .addAllServiceIds(leased))
            .build());
  }

  private synchronized void answer(SessionResponse response) {
    var now = session;
    if (now != null) {
      now.onNext(response);
    }
  }

  /** Ends the session; the agent comes back. */
  public synchronized void hangUp() {
    var now = session;
    session = null;
    if (now != null) {
      now.onError(Status.UNAVAILABLE.asException());
    }
  }

  private final class Enrollment extends EnrollmentServiceGrpc.EnrollmentServiceImplBase {
    @Override
    public void enroll(EnrollRequest request, StreamObserver<EnrollResponse> out) {
      enrolments.add(request);
      var no = refusal;
      if (no != null) {
        out.onError(no.asException());
        return;
      }
      try {
        var key = key(request.getPublicKey());
        var proof = Signature.getInstance("SHA256withECDSA");
        proof.initVerify(key);
        proof.update(request.getJoinToken().getBytes(StandardCharsets.UTF_8));
        if (!proof.verify(request.getProof().toByteArray())) {
          throw new IllegalArgumentException("the proof is wrong");
        }
        out.onNext(
            EnrollResponse.newBuilder()
                .setWorkerId("w1")
                .setCertificate(certificate(key))
                .addAuthorities(ByteString.copyFrom(authority.certificate.getEncoded()))
                .addEndpoints(endpoint())
                .build());
        out.onCompleted();
      } catch (Exception e) {
        out.onError(Status.INVALID_ARGUMENT.withDescription(e.toString()).asException());
      }
    }
  }

  private ByteString certificate(PublicKey key) throws Exception {
    return ByteString.copyFrom(authority.worker(key, "w1", certificateLife).getEncoded());
  }

  private static PublicKey key(ByteString der) throws Exception {
    return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der.toByteArray()));
  }

  private final class Agents extends AgentServiceGrpc.AgentServiceImplBase {
    @Override
    public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> out) {
      synchronized (TestControlPlane.this) {
        session = out;
      }
      return new Inbound();
    }

    @Override
    public void renewCertificate(
        RenewCertificateRequest request, StreamObserver<RenewCertificateResponse> out) {
      try {
        renewals.incrementAndGet();
        certificateLife = Duration.ofHours(24);
        out.onNext(
            RenewCertificateResponse.newBuilder()
                .setCertificate(certificate(key(request.getPublicKey())))
                .addAuthorities(ByteString.copyFrom(authority.certificate.getEncoded()))
                .build());
        out.onCompleted();
      } catch (Exception e) {
        out.onError(e);
      }
    }
  }

  private final class Inbound implements StreamObserver<SessionRequest> {
    @Override
    public void onNext(SessionRequest request) {
      switch (request.getMessageCase()) {
        case HELLO -> {
          hellos.add(request.getHello());
          answer(
              SessionResponse.newBuilder()
                  .setWelcome(
                      Welcome.newBuilder()
                          .setSessionEpoch(hellos.size())
                          .addEndpoints(endpoint())
                          .addAllEndpoints(others)
                          .setHeartbeatInterval(
                              com.google.protobuf.Duration.newBuilder()
                                  .setSeconds(heartbeatInterval.getSeconds())
                                  .setNanos(heartbeatInterval.getNano())))
                  .build());
        }
        case HEARTBEAT -> {
          heartbeats.incrementAndGet();
          if (ackHeartbeats) {
            answer(
                SessionResponse.newBuilder()
                    .setHeartbeatAck(
                        HeartbeatAck.newBuilder()
                            .setSequence(request.getHeartbeat().getSequence())
                            .addEndpoints(endpoint())
                            .addAllEndpoints(others))
                    .build());
          }
          held = request.getHeartbeat();
          if (!leased.isEmpty()) {
            lease(request.getHeartbeat().getSequence());
          }
        }
        case STATUS -> {
          for (var object : request.getStatus().getObjectsList()) {
            statuses.put(object.getAssignmentId(), object);
            history.add(object);
          }
          if (request.getStatus().hasSwarm()) {
            swarm = request.getStatus().getSwarm();
          }
          answer(
              SessionResponse.newBuilder()
                  .setStatusAck(
                      StatusAck.newBuilder().setSequence(request.getStatus().getSequence()))
                  .build());
        }
        case ASSIGNMENTS_REQUEST -> completeRequests.incrementAndGet();
        case MESSAGE_NOT_SET -> throw new AssertionError("an empty message");
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  @Override
  public void close() throws IOException {
    server.shutdownNow();
  }
}
