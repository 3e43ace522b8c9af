package dev.skep.controlplane;

import dev.skep.controlplane.access.AccessFeature;
import dev.skep.controlplane.agentlink.AgentLinkFeature;
import dev.skep.controlplane.audit.AuditApi;
import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.billing.BillingFeature;
import dev.skep.controlplane.clusters.ClustersFeature;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.db.EmbeddedDatabase;
import dev.skep.controlplane.db.IdSource;
import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.forecast.Forecasts;
import dev.skep.controlplane.identity.IdentityFeature;
import dev.skep.controlplane.ingest.StatusIngest;
import dev.skep.controlplane.invoices.InvoicesFeature;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.logs.LogFollower;
import dev.skep.controlplane.logs.LogIngest;
import dev.skep.controlplane.logs.LogPartitions;
import dev.skep.controlplane.logs.LogReader;
import dev.skep.controlplane.loop.FleetWatch;
import dev.skep.controlplane.loop.Housekeeping;
import dev.skep.controlplane.loop.LeaderLoop;
import dev.skep.controlplane.loop.SwarmWatch;
import dev.skep.controlplane.notifications.NotificationsFeature;
import dev.skep.controlplane.payments.PaymentsFeature;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.quotas.QuotasFeature;
import dev.skep.controlplane.replay.CallAnswers;
import dev.skep.controlplane.secrets.SecretsFeature;
import dev.skep.controlplane.server.Doors;
import dev.skep.controlplane.server.Gate;
import dev.skep.controlplane.server.Ports;
import dev.skep.controlplane.services.ServiceFollower;
import dev.skep.controlplane.services.ServicesFeature;
import dev.skep.controlplane.sso.SsoFeature;
import dev.skep.controlplane.state.ChangeFeed;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.FleetUpkeep;
import dev.skep.controlplane.state.ImageUpkeep;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.Presence;
import dev.skep.controlplane.state.SwarmUpkeep;
import dev.skep.controlplane.templates.TemplatesFeature;
import dev.skep.controlplane.tenancy.Callers;
import dev.skep.controlplane.tenancy.FirstStart;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.controlplane.vault.Redactor;
import dev.skep.controlplane.volumes.VolumesFeature;
import dev.skep.controlplane.workers.InstallCommand;
import dev.skep.controlplane.workers.WorkersFeature;
import io.grpc.BindableService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Skep server. Read on at {@link ServicesFeature} for what users ask, {@link LeaderLoop} for
 * how it is made true, {@link AgentLinkFeature} for how agents hear of it.
 *
 * <p>This class is the wiring list, in the order of the packages' ranks. What is opened later is
 * closed earlier.
 */
public final class ControlPlane implements AutoCloseable {
  static final String VERSION = "0.1.0";

  private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);
  private static final int EXIT_CONFIGURATION = 2;
  private static final String MASTER_KEY = "master.key";

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Starts everything; on a failure nothing stays open. */
  ControlPlane(Configuration configuration) {
    try {
      wire(configuration);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public static void main(String[] arguments) {
    long started = System.nanoTime();
    Configuration configuration;
    try {
      configuration = Configuration.of(System.getenv());
    } catch (Configuration.Wrong e) {
      System.err.println(e.getMessage());
      System.exit(EXIT_CONFIGURATION);
      return;
    }
    if (List.of(arguments).equals(List.of("rotate-master-key"))) {
      MasterKey.rotate(
          configuration.dataDirectory().resolve(MASTER_KEY), configuration.masterKeyUri());
      return;
    }
    try {
      ControlPlane controlPlane = new ControlPlane(configuration);
      Runtime.getRuntime().addShutdownHook(new Thread(controlPlane::close, "shutdown"));
      log.info("ready after {} ms", (System.nanoTime() - started) / 1_000_000);
    } catch (RuntimeException e) {
      log.error("cannot start", e);
      System.exit(1);
    }
  }

  private void wire(Configuration configuration) {
    Path data = configuration.dataDirectory();
    createDirectory(data);
    InstantSource clock = InstantSource.system();
    IdSource ids = new IdSource();
    DatabaseUrl url = configuration.databaseUrl().orElseGet(() -> embedded(data));
    Database database = opened(Database.open(url));
    MasterKey masterKey = MasterKey.open(data.resolve(MASTER_KEY), configuration.masterKeyUri());
    CertificateAuthority authority = CertificateAuthority.open(database, masterKey, clock);
    writeCa(authority, data.resolve("ca.pem"));
    FirstStart.ensure(database, ids, data.resolve("admin.token"));

    Database vital = opened(Database.vital(url));
    Presence presence = opened(new Presence(vital, self(configuration), ids));
    LeaderLease lease = opened(new LeaderLease(vital));
    ClusterState state = new ClusterState(database, lease, ids);
    AssignmentReader assignments = new AssignmentReader(database, masterKey);
    StatusIngest status = opened(new StatusIngest(database, masterKey));
    LogIngest logs = opened(new LogIngest(database, clock, new Redactor(masterKey)));
    LogReader logReader = new LogReader(database);
    LogFollower logFollower = new LogFollower(logReader);
    LogPartitions partitions = new LogPartitions(database, clock, configuration.logRetention());
    NotificationsFeature notifications = new NotificationsFeature(database, clock);
    VolumesFeature volumes = new VolumesFeature(database, configuration.volumeRetention());
    SecretsFeature secrets = new SecretsFeature(database, ids, masterKey);
    ImageUpkeep images = new ImageUpkeep(database);
    AuditTrail trail = new AuditTrail(database, ids);
    CallAnswers answers = new CallAnswers(database, masterKey);
    Sessions sessions = new Sessions(database, ids, configuration.identity().sessions());
    IdentityFeature identity =
        new IdentityFeature(
            database,
            new IdentityFeature.Sources(ids, clock, masterKey),
            sessions,
            trail,
            configuration.identity());
    SsoFeature sso =
        new SsoFeature(
            database,
            new SsoFeature.Sources(
                ids, clock, masterKey, Ports.ssoRedirect(configuration.clientUrl())),
            sessions,
            trail,
            configuration.sso());
    PaymentsFeature payments = new PaymentsFeature(database, ids, clock, configuration.payments());
    Housekeeping housekeeping =
        opened(
            new Housekeeping(
                Duration.ofHours(1),
                List.of(
                    partitions::maintain,
                    notifications::dropOld,
                    images::maintain,
                    secrets::maintain,
                    volumes::expire,
                    identity::forget,
                    sso::forget,
                    answers::dropOld,
                    payments::forget,
                    () -> sealAnew(database, masterKey),
                    () -> trail.dropOld(clock.instant().minus(configuration.auditRetention())))));
    QuotasFeature quotas =
        new QuotasFeature(database, ids, clock, configuration.tokenRequestsPerMinute());
    Housekeeping counting =
        opened(new Housekeeping(QuotasFeature.EVERY, List.of(quotas.upkeep(lease))));
    BillingFeature billing = new BillingFeature(database, ids, configuration.billing());
    Housekeeping charging =
        opened(
            new Housekeeping(
                BillingFeature.EVERY,
                List.of(
                    billing.upkeep(lease),
                    InvoicesFeature.upkeep(database, lease, configuration.invoiceSeller()))));
    Housekeeping sealing = opened(new Housekeeping(Duration.ofSeconds(1), List.of(trail::seal)));
    LeaderLoop loop = opened(new LeaderLoop(state, lease, clock, configuration.heartbeatTimeout()));

    FleetWatch watch =
        opened(
            new FleetWatch(
                new FleetUpkeep(database, lease, ids),
                lease,
                clock,
                configuration.heartbeatTimeout()));

    SwarmWatch swarms =
        opened(
            new SwarmWatch(
                new SwarmUpkeep(database, lease, ids),
                lease,
                clock,
                configuration.heartbeatTimeout()));

    Housekeeping asking =
        opened(new Housekeeping(PaymentsFeature.EVERY, List.of(payments.upkeep(lease))));

    Forecasts forecasts = new Forecasts(state, clock, configuration.heartbeatTimeout());
    List<BindableService> people = new ArrayList<>(notifications.apis());
    ServicesFeature.Settings services =
        new ServicesFeature.Settings(
            configuration.networkPool(),
            configuration.insecureRegistries(),
            new Funds(configuration.billing().charging()));
    ServiceFollower follower = new ServiceFollower();
    ServicesFeature running = new ServicesFeature(database, ids, services, forecasts);
    people.addAll(running.apis(logReader, logFollower, follower));
    people.addAll(
        WorkersFeature.apis(
            database,
            ids,
            new WorkersFeature.Settings(
                authority.pin(),
                new InstallCommand(configuration.clientUrl().toString(), Ports.tlsPin(authority)),
                configuration.heartbeatTimeout()),
            forecasts,
            clock));
    people.addAll(volumes.apis());
    people.addAll(identity.apis());
    people.addAll(sso.apis());
    people.addAll(secrets.apis());
    TemplatesFeature templates =
        new TemplatesFeature(
            database, ids, running.creation(), running.plans(), secrets.creation());
    templates.writeBuiltIn();
    people.addAll(templates.apis());
    people.addAll(quotas.apis());
    people.addAll(billing.apis());
    people.addAll(InvoicesFeature.apis(database, clock));
    people.addAll(
        AccessFeature.apis(database, ids, clock, Ports.invitationLink(configuration.clientUrl())));
    people.addAll(payments.apis());
    people.addAll(AuditApi.apis(trail));
    people.addAll(ClustersFeature.apis(database, ids, services.networks()));
    AgentLinkFeature agents =
        new AgentLinkFeature(
            new AgentLinkFeature.Stores(database, assignments, status, logs),
            authority,
            new AgentLinkFeature.Settings(presence, configuration.heartbeatInterval()),
            ids,
            clock,
            Executors.newVirtualThreadPerTaskExecutor());
    people.add(agents.registration());
    presence.whenAbsent(agents::sever);
    ChangeFeed feed = opened(new ChangeFeed(url));
    feed.subscribe(loop::changed);
    feed.subscribe(watch::changed);
    feed.subscribe(swarms::changed);
    feed.subscribe(agents::changed);
    feed.subscribe(logFollower::changed);
    feed.subscribe(follower::changed);
    Ports ports =
        opened(
            new Ports(
                settings(configuration, new Doors(identity, sso), payments),
                authority,
                database,
                new Gate(new Callers(database, sessions), quotas.rates(), trail, answers),
                people,
                agents));

    presence.start();
    status.start();
    logs.start();
    lease.start();
    feed.start();
    loop.start();
    watch.start();
    swarms.start();
    housekeeping.start();
    sealing.start();
    counting.start();
    charging.start();
    asking.start();
    agents.start();
    ports.start();
  }

  /** What lasts; secrets know by themselves which key they have. */
  private static void sealAnew(Database database, MasterKey masterKey) {
    List.of(CertificateAuthority.sealed(), AssignmentReader.sealed(), IdentityFeature.sealed())
        .forEach(column -> column.sealAnew(database, masterKey));
  }

  private DatabaseUrl embedded(Path data) {
    return opened(EmbeddedDatabase.start(data.resolve("postgres"))).url();
  }

  private static Presence.Self self(Configuration configuration) {
    return new Presence.Self(
        configuration.agentEndpoints(), configuration.clientUrl().toString(), VERSION);
  }

  private static Ports.Settings settings(
      Configuration configuration, Doors doors, PaymentsFeature payments) {
    return new Ports.Settings(
        configuration.listen(),
        configuration.agentListen(),
        List.of("localhost", "127.0.0.1", configuration.clientUrl().getHost()),
        configuration.clientUrl().toString(),
        configuration.agentEndpoints().getFirst(),
        configuration.allowPlaintext(),
        configuration.corsOrigins(),
        configuration.requestArrival(),
        configuration.installDirectory(),
        VERSION,
        doors,
        payments.hooks());
  }

  private static void createDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create SKEP_DATA_DIR " + directory, e);
    }
  }

  /** For clients that want to check the server's certificate. */
  private static void writeCa(CertificateAuthority authority, Path file) {
    try {
      String encoded =
          Base64.getMimeEncoder(64, new byte[] {'\n'})
              .encodeToString(authority.root().getEncoded());
      Files.writeString(
          file, "-----BEGIN CERTIFICATE-----\n" + encoded + "\n-----END CERTIFICATE-----\n");
    } catch (IOException | CertificateEncodingException e) {
      throw new IllegalStateException("cannot write " + file, e);
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      AutoCloseable resource = open.pop();
      try {
        resource.close();
      } catch (Exception e) {
        // The others still have to be closed.
        log.warn("cannot close {}: {}", resource.getClass().getSimpleName(), e.getMessage());
      }
    }
  }
}
