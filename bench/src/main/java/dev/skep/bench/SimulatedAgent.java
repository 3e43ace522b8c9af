package dev.skep.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.Placement;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.TaskStatus;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An agent without an engine: a real session with a certificate of its own, in which every image is
 * there at once, every object applied and every task running.
 */
final class SimulatedAgent implements StreamObserver<SessionResponse>, AutoCloseable {
  private static final Facts FACTS =
      Facts.newBuilder()
          .setCpuMillis(1_000_000)
          .setMemoryBytes(4L << 40)
          .setOs("linux")
          .setArchitecture("amd64")
          .setIpvs(true)
          .build();

  private final String name;
  private final ManagedChannel channel;
  private final StreamObserver<SessionRequest> out;
  private final AtomicLong sequence = new AtomicLong();

  private final Map<String, Told> placements = new ConcurrentHashMap<>();

  private volatile long welcomed;

  private SimulatedAgent(String name, ManagedChannel channel, SwarmState swarm) {
    this.name = name;
    this.channel = channel;
    this.out = AgentServiceGrpc.newStub(channel).session(this);
    send(
        SessionRequest.newBuilder()
            .setHello(Hello.newBuilder().setProtocolVersion(1).setFacts(FACTS).setSwarm(swarm))
            .build());
  }

  /** What a machine has when it has enrolled. */
  record Identity(String name, String endpoint, ChannelCredentials credentials) {
    static Identity enroll(String name, String endpoint, Path authority, String token) {
      try {
        KeyPair key = keys();
        var stranger = TlsChannelCredentials.newBuilder().trustManager(authority.toFile()).build();
        ManagedChannel channel = dial(endpoint, stranger);
        try {
          EnrollResponse enrolled =
              EnrollmentServiceGrpc.newBlockingStub(channel).enroll(request(token, key, name));
          return new Identity(name, endpoint, credentials(key, enrolled));
        } finally {
          channel.shutdownNow();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    private static EnrollRequest request(String token, KeyPair key, String name)
        throws GeneralSecurityException {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key.getPrivate());
      signature.update(token.getBytes(StandardCharsets.UTF_8));
      return EnrollRequest.newBuilder()
          .setJoinToken(token)
          .setPublicKey(ByteString.copyFrom(key.getPublic().getEncoded()))
          .setProof(ByteString.copyFrom(signature.sign()))
          .setName(name)
          .setFacts(FACTS)
          .build();
    }

    private static ChannelCredentials credentials(KeyPair key, EnrollResponse enrolled)
        throws IOException {
      return TlsChannelCredentials.newBuilder()
          .trustManager(pem("CERTIFICATE", enrolled.getAuthorities(0).toByteArray()))
          .keyManager(
              pem("CERTIFICATE", enrolled.getCertificate().toByteArray()),
              pem("PRIVATE KEY", key.getPrivate().getEncoded()))
          .build();
    }

    private static InputStream pem(String type, byte[] der) {
      String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
      String text = "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static KeyPair keys() throws GeneralSecurityException {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    }

    private static ManagedChannel dial(String endpoint, ChannelCredentials credentials) {
      return NettyChannelBuilder.forTarget("dns:///" + endpoint, credentials)
          .overrideAuthority("control-plane.skep.internal")
          .build();
    }

    /** Opens a session in which the Swarm is said to be in this state. */
    SimulatedAgent open(SwarmState swarm) {
      return new SimulatedAgent(name, dial(endpoint, credentials), swarm);
    }
  }

  String name() {
    return name;
  }

  boolean welcome() {
    return welcomed != 0;
  }

  /** A placement that it shall run, and the nanosecond in which it heard of it. */
  record Told(String service, String node, long nanos) {}

  Collection<Told> placements() {
    return placements.values();
  }

  void beat() {
    send(
        SessionRequest.newBuilder()
            .setHeartbeat(Heartbeat.newBuilder().setSequence(sequence.incrementAndGet()))
            .build());
  }

  void tell(SwarmState swarm) {
    report(StatusReport.newBuilder().setSwarm(swarm));
  }

  private void report(StatusReport.Builder status) {
    send(
        SessionRequest.newBuilder()
            .setStatus(status.setSequence(sequence.incrementAndGet()))
            .build());
  }

  private synchronized void send(SessionRequest request) {
    out.onNext(request);
  }

  @Override
  public void onNext(SessionResponse response) {
    switch (response.getMessageCase()) {
      case WELCOME -> welcomed = System.nanoTime();
      case ASSIGNMENTS -> apply(response.getAssignments());
      case HEARTBEAT_ACK, STATUS_ACK, VOLUME_LEASE, MESSAGE_NOT_SET -> {}
    }
  }

  private void apply(AssignmentSet set) {
    long now = System.nanoTime();
    StatusReport.Builder status = StatusReport.newBuilder();
    for (Assignment assignment : set.getPutList()) {
      if (assignment.hasPlacement()) {
        Placement placement = assignment.getPlacement();
        placements.putIfAbsent(
            assignment.getId(), new Told(placement.getServiceName(), placement.getNodeId(), now));
      }
      status.addObjects(applied(assignment));
    }
    for (String removed : set.getRemoveList()) {
      placements.remove(removed);
      status.addObjects(
          ObjectStatus.newBuilder()
              .setAssignmentId(removed)
              .setState(ObjectStatus.State.STATE_REMOVED));
    }
    if (status.getObjectsCount() > 0) {
      report(status);
    }
  }

  private static ObjectStatus applied(Assignment assignment) {
    ObjectStatus.Builder status =
        ObjectStatus.newBuilder()
            .setAssignmentId(assignment.getId())
            .setGeneration(assignment.getGeneration())
            .setState(ObjectStatus.State.STATE_APPLIED);
    Instant now = Instant.now();
    for (int slot = 1; slot <= assignment.getPlacement().getReplicas(); slot++) {
      status.addTasks(
          TaskStatus.newBuilder()
              .setTaskId("task-" + slot)
              .setSlot(slot)
              .setGeneration(assignment.getGeneration())
              .setContainerId("container")
              .setState("running")
              .setDesiredRunning(true)
              .setSince(
                  Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano())));
    }
    return status.build();
  }

  /** Whoever waits for something sees that it does not come. */
  @Override
  public void onError(Throwable t) {}

  @Override
  public void onCompleted() {}

  /** As a process that is killed: the connection is gone, nobody says goodbye. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
