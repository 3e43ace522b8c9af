package dev.skep.controlplane.agentlink;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.ingest.StatusIngest;
import dev.skep.controlplane.logs.LogIngest;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.Presence;
import io.grpc.BindableService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** How to build the agents' services, and what lives as long as they do. */
public final class AgentLinkFeature implements AutoCloseable {
  private final SessionRegistry registry = new SessionRegistry();
  private final Heartbeats heartbeats;
  private final List<BindableService> apis;
  private final BindableService registration;

  /**
   * The settings of this feature.
   *
   * @param presence of this control plane, which holds the sessions, and of the others
   */
  public record Settings(Presence presence, Duration heartbeatInterval) {}

  /** What the agents' services work on. */
  public record Stores(
      Database database, AssignmentReader assignments, StatusIngest status, LogIngest logs) {}

  public AgentLinkFeature(
      Stores stores,
      CertificateAuthority authority,
      Settings settings,
      Supplier<UUID> ids,
      InstantSource clock,
      Executor executor) {
    WorkerStore workers = new WorkerStore(stores.database());
    Leases leases = new Leases(workers, settings.heartbeatInterval());
    this.heartbeats = new Heartbeats(workers, leases, settings.heartbeatInterval());
    EnrollmentStore enrollments = new EnrollmentStore(stores.database(), ids, clock);
    SessionContext sessions =
        new SessionContext(
            workers,
            stores.assignments(),
            stores.status(),
            registry,
            heartbeats,
            leases,
            clock,
            settings.heartbeatInterval(),
            settings.presence());
    EnrollmentApi enrollment =
        new EnrollmentApi(enrollments, authority, settings.presence(), executor);
    this.registration = new RegistrationApi(enrollment, enrollments, heartbeats, clock);
    this.apis =
        List.of(
            enrollment,
            new AgentApi(
                sessions,
                stores.logs(),
                new UsageStore(stores.database()),
                enrollments,
                authority,
                executor));
  }

  public List<BindableService> apis() {
    return apis;
  }

  /** What the people's port serves to machines. */
  public BindableService registration() {
    return registration;
  }

  public void start() {
    heartbeats.start();
  }

  /** A hint from the change feed. */
  public void changed(Change change) {
    registry.changed(change);
  }

  /** Sends all agents away at once: another control plane may serve them by now. */
  public void sever() {
    registry.severAll("this control plane was away");
  }

  /** Open sessions. */
  public int sessions() {
    return registry.size();
  }

  @Override
  public void close() {
    registry.endAll("the control plane stops");
    heartbeats.close();
  }
}
