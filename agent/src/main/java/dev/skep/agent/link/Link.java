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
import java.util.ArrayDeque;
import java.util.List;
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
  private final Dialer dialer = new Dialer();
  private final Thread thread;
  private Identity identity;
  private volatile Instant renewAt;
  private volatile List<String> told = List.of();
  private String failed = "";
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
   * @param configured endpoints that the machine's owner named, tried when those that the control
   *     plane named do not answer
   * @param assigned hears which assignments changed, once they are durable
   */
  public record Cargo(
      List<String> configured,
      Journal journal,
      StatusOutbox outbox,
      Supplier<Facts> facts,
      Supplier<Usage> usage,
      Consumer<Set<String>> assigned) {}

  public Link(IdentityFile file, Identity identity, Cargo cargo, ChannelListener listener) {
    this.file = file;
    this.identity = identity;
    this.listener = listener;
    this.renewAt = Renewal.due(identity.certificate(), random());
    this.cargo = cargo;
    this.thread = Thread.ofVirtual().name("link").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    var round = new ArrayDeque<String>();
    try {
      while (!closed) {
        if (round.isEmpty() || greeted) {
          round.clear();
          round.addAll(
              Itinerary.round(identity.endpoints(), told, failed, ThreadLocalRandom.current()));
          cargo.configured().stream().filter(e -> !round.contains(e)).forEach(round::add);
        }
        if (round.isEmpty()) {
          log.error("No control plane is known");
        } else {
          session(round.removeFirst());
        }
        if (!closed) {
          Thread.sleep(Backoff.pause(failures, LONGEST_PAUSE, random()));
        }
      }
    } catch (InterruptedException e) {
      log.debug("Stopped");
    }
  }

  private void session(String endpoint) throws InterruptedException {
    greeted = false;
    ManagedChannel control = dialer.session(endpoint, identity);
    // Does not connect before its first call. Logs must not stand in the way of heartbeats.
    ManagedChannel bulk = dialer.session(endpoint, identity);
    try {
      var session = new Session(instanceId, cargo, new Hints(endpoint, bulk));
      var why = session.run(control, () -> closed || remember(endpoint) || renewed(control));
      remember(endpoint);
      failures = greeted ? 0 : failures + 1;
      failed = why.isOk() ? "" : endpoint;
      log.info("Session with {} ended: {}", endpoint, why.getDescription());
    } catch (RuntimeException e) {
      failures++;
      failed = endpoint;
      log.error("Session with {} failed", endpoint, e);
    } finally {
      if (greeted) {
        listener.disconnected();
      }
      control.shutdownNow();
      bulk.shutdownNow();
    }
  }

  private final class Hints implements Session.Listener {
    private final String endpoint;
    private final ManagedChannel bulk;

    Hints(String endpoint, ManagedChannel bulk) {
      this.endpoint = endpoint;
      this.bulk = bulk;
    }

    @Override
    public void welcome(Welcome welcome) {
      log.info("Session {} with {}", welcome.getSessionEpoch(), endpoint);
      endpoints(welcome.getEndpointsList());
      greeted = true;
      listener.connected(AgentServiceGrpc.newStub(bulk));
    }

    @Override
    public void endpoints(List<String> present) {
      if (!present.isEmpty()) {
        told = List.copyOf(present);
      }
    }

    @Override
    public void renewNow() {
      renewAt = Instant.now();
    }
  }

  /** Only the link's own thread writes the identity; never ends a session. */
  private boolean remember(String endpoint) {
    var now = Itinerary.remembered(identity.endpoints(), told, endpoint);
    if (greeted && !now.equals(identity.endpoints())) {
      identity = identity.withEndpoints(now);
      file.write(identity);
    }
    return false;
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
