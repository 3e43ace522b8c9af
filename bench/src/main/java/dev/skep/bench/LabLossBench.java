package dev.skep.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skep.controlplane.db.Database;
import dev.skep.testbed.Await;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** A worker of two, with real engines and containers, dies. */
final class LabLossBench implements AutoCloseable {
  private static final Duration OFTEN = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofMinutes(8);

  /** An organization's network has 254 addresses. */
  private static final int PER_ORGANIZATION = 150;

  private final Checkout checkout;
  private final Platform platform;
  private final Database database;
  private final List<Api> organizations = new ArrayList<>();
  private AgentProcess lost;

  LabLossBench(Checkout checkout) {
    this.checkout = checkout;
    platform = new Platform(checkout, "failure", 2);
    database = platform.opened(Database.vital(platform.controlPlane().database()));
    organizations.add(platform.api());
    var _ = start(0);
    // The first makes the Swarm.
    platform.api().awaitWorkers(1);
    lost = start(1);
    platform.api().awaitWorkers(2);
  }

  private AgentProcess start(int host) {
    var log = platform.directory().resolve("agent-" + (host + 1) + ".log");
    return platform.opened(
        platform
            .homes()
            .get(host)
            .start(AgentProcess.command(checkout), AgentVariant.ENVIRONMENT, log));
  }

  /** Milliseconds until the control plane knows that the agent is gone. */
  double crash() {
    long start = System.nanoTime();
    lost.kill9();
    double took = awaitGone(start);
    lost = start(1);
    platform.api().awaitWorkers(2);
    return took;
  }

  /** The same when the cable is cut and nobody says anything. */
  double silence() {
    long start = System.nanoTime();
    platform.hosts().getLast().cut();
    double took;
    try {
      took = awaitGone(start);
    } finally {
      platform.hosts().getLast().heal();
    }
    platform.api().awaitWorkers(2);
    return took;
  }

  private double awaitGone(long start) {
    return await(
        start,
        "the session is gone",
        "select count(*) from container_workers where not connected",
        1);
  }

  /** Milliseconds after the power of the worker failed. */
  record Took(int services, double gone, double down, double placed, double running) {}

  /** All services are on the one that dies; the other one has the image. To be called once. */
  Took lose(int services) {
    fill(services);
    long start = System.nanoTime();
    platform.hosts().getLast().cut();
    platform.hosts().getLast().powerOff();
    double gone = awaitGone(start);
    double down =
        await(
            start,
            "the Swarm says down",
            "select count(*) from container_workers where swarm_node_state = 'down'",
            1);
    double placed =
        await(
            start,
            "everything is placed",
            "select count(*) from placements p join container_workers w on w.id = p.worker_id"
                + " where w.connected and not p.removing",
            services);
    Await.atMost(LIMIT)
        .every(Duration.ofMillis(250))
        .until("everything runs", () -> running(services));
    double running = (System.nanoTime() - start) / 1e6;
    check(services);
    return new Took(services, gone, down, placed, running);
  }

  private void fill(int services) {
    platform.api().cordon("w1");
    for (int i = 0; i < services; i++) {
      organization(i / PER_ORGANIZATION).create("s" + i, platform.sleeper());
    }
    Await.atMost(LIMIT)
        .every(Duration.ofMillis(500))
        .until("everything runs before", () -> running(services));
    platform.api().uncordon("w1");
  }

  private boolean running(int services) {
    long running =
        organizations.stream().flatMap(api -> api.list().stream()).filter(Api::runs).count();
    return running == services;
  }

  /** Containers are counted in the engine, where nothing but ours runs. */
  private void check(int services) {
    int containers = platform.engine().get("/containers/json").size();
    if (containers != services) {
      throw new IllegalStateException(containers + " containers for " + services + " services");
    }
  }

  private Api organization(int number) {
    while (organizations.size() <= number) {
      organizations.add(
          platform.opened(new Api(platform.controlPlane().port(), newOrganization())));
    }
    return organizations.get(number);
  }

  /** The API cannot make one yet. */
  private String newOrganization() {
    UUID organization = UUID.randomUUID();
    UUID user = UUID.randomUUID();
    UUID token = UUID.randomUUID();
    String secret = (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
    database.useTransaction(
        h -> {
          h.execute("insert into organizations (id, name) values (?, ?)", organization, "o" + user);
          h.execute(
              "insert into users (id, organization_id, name, role) values (?, ?, 'admin', 'admin')",
              user,
              organization);
          insertToken(
              h, Map.of("token", token, "organization", organization, "user", user), secret);
        });
    return "skp_" + token.toString().replace("-", "") + "_" + secret;
  }

  private static void insertToken(Handle handle, Map<String, UUID> ids, String secret) {
    handle
        .createUpdate(
            "insert into api_tokens (id, organization_id, user_id, name, secret_hash)"
                + " values (:token, :organization, :user, 'admin', :hash)")
        .bindMap(ids)
        .bind("hash", sha256(secret))
        .execute();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private double await(long start, String what, String sql, long value) {
    Await.atMost(LIMIT)
        .every(OFTEN)
        .until(
            what,
            () -> database.read(h -> h.createQuery(sql).mapTo(Long.class).one()),
            n -> n == value);
    return (System.nanoTime() - start) / 1e6;
  }

  @Override
  public void close() {
    platform.close();
  }
}
