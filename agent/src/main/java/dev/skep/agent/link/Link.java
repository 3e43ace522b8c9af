package dev.skep.agent.link;

import dev.skep.agent.journal.Identity;
import dev.skep.agent.journal.IdentityFile;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Usage;
import dev.skep.agent.v1.Welcome;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session with some control plane, for as long as the process lives. Nothing that runs on
 * this machine depends on it.
 */
public final class Link implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Link.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration RENEW_AGAIN = Duration.ofMinutes(2);

  private final IdentityFile file;
  private final String instanceId = UUID.randomUUID().toString();
  private final Cargo cargo;
  private final ChannelListener listener;
  private final Optional<String> configured;
  private final Dialer dialer = new Dialer();
  private final Thread thread;
  private Identity identity;
  private volatile Instant renewAt;
  private int failures;
  private volatile boolean greeted;
  private volatile boolean closed;

  /** Hears when there is a connection for bulk, apart from that of the session. */
  public interface ChannelListener {
    /**
     * Calls go to the control plane of the session; the stub is good until {@link #disconnected}.
     */
    void connected(AgentServiceGrpc.AgentServiceStub stub);

    void disconnected();
  }

  /**
   * What the link carries.
   *
   * @param configured an endpoint that the machine's owner named, tried when those that the control
   *     plane named do not answer
   * @param assigned hears which assignments changed, once they are durable
   */
  public record Cargo(
      Optional<String> configured,
      Journal journal,
      StatusOutbox outbox,
      Supplier<Facts> facts,
      Supplier<Usage> usage,
      Consumer<Set<String>> assigned) {}

  public Link(IdentityFile file, Identity identity, Cargo cargo, ChannelListener listener) {
    this.file = file;
    this.identity = identity;
    this.listener = listener;
    this.configured = cargo.configured();
    this.renewAt = Renewal.due(identity.certificate(), random());
    this.cargo = cargo;
    this.thread = Thread.ofVirtual().name("link").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    var order = new ArrayList<String>();
    try {
      while (!closed) {
        if (order.isEmpty()) {
          order.addAll(shuffled(identity.endpoints()));
          configured.filter(e -> !order.contains(e)).ifPresent(order::add);
        }
        if (order.isEmpty()) {
          log.error("No control plane is known");
        } else {
          session(order.removeFirst());
        }
        if (!closed) {
          Thread.sleep(Backoff.pause(failures, LONGEST_PAUSE, random()));
        }
      }
    } catch (InterruptedException e) {
      log.debug("Stopped");
    }
  }

  private static List<String> shuffled(List<String> endpoints) {
    var copy = new ArrayList<>(endpoints);
    Collections.shuffle(copy);
    return copy;
  }

  private void session(String endpoint) throws InterruptedException {
    greeted = false;
    ManagedChannel control = dialer.session(endpoint, identity);
    // Does not connect before its first call. Logs must not stand in the way of heartbeats.
    ManagedChannel bulk = dialer.session(endpoint, identity);
    try {
      var session = new Session(instanceId, cargo, w -> welcome(w, endpoint, bulk), this::renewNow);
      var why = session.run(control, () -> closed || renewed(control));
      failures = greeted ? 0 : failures + 1;
      log.info("Session with {} ended: {}", endpoint, why.getDescription());
    } catch (RuntimeException e) {
      failures++;
      log.error("Session with {} failed", endpoint, e);
    } finally {
      if (greeted) {
        listener.disconnected();
      }
      control.shutdownNow();
      bulk.shutdownNow();
    }
  }

  private void welcome(Welcome welcome, String endpoint, ManagedChannel bulk) {
    log.info("Session {} with {}", welcome.getSessionEpoch(), endpoint);
    var endpoints = List.copyOf(welcome.getEndpointsList());
    if (!endpoints.isEmpty() && !endpoints.equals(identity.endpoints())) {
      identity = identity.withEndpoints(endpoints);
      file.write(identity);
    }
    greeted = true;
    listener.connected(AgentServiceGrpc.newStub(bulk));
  }

  private void renewNow() {
    renewAt = Instant.now();
  }

  /** Renews when it is time; true when there is a new identity to dial with. */
  private boolean renewed(ManagedChannel control) {
    if (!greeted || Instant.now().isBefore(renewAt)) {
      return false;
    }
    try {
      identity = Renewal.renew(control, identity, file);
      renewAt = Renewal.due(identity.certificate(), random());
      log.info("The certificate is renewed; the next at {}", renewAt);
      return true;
    } catch (StatusRuntimeException | CertificateException e) {
      log.warn("The certificate could not be renewed: {}", Reason.of(e));
      renewAt = Instant.now().plusMillis((long) (RENEW_AGAIN.toMillis() * (0.5 + random())));
      return false;
    }
  }

  private static double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
