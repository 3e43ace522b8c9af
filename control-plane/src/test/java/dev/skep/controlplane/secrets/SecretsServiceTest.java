package dev.skep.controlplane.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.Placement;
import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.reconcile.Reconciler;
import dev.skep.controlplane.services.SecretRollout;
import dev.skep.controlplane.services.SimulatedUsers;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.vault.SecretValue;
import dev.skep.controlplane.vault.Vault;
import dev.skep.v1.SecretFile;
import dev.skep.v1.SecretUse;
import dev.skep.v1.ServiceSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the value that somebody gives to the assignment that brings it, and to its end. */
final class SecretsServiceTest {
  private static final SimulatedUsers.Registries REGISTRIES = new SimulatedUsers.Registries();
  private static final String IMAGE = "r.example/app@sha256:" + "a".repeat(64);

  @TempDir private Path directory;
  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId one = test.addOrganization("one");
  private final OrganizationId two = test.addOrganization("two");
  private final WorkerId worker = test.addWorker("w1");
  private final LeaderLease lease = new LeaderLease(test.database());
  private final ClusterState state = new ClusterState(test.database(), lease, test.ids());
  private final SimulatedUsers users =
      new SimulatedUsers(test.database(), test.ids(), one, REGISTRIES);

  @BeforeEach
  void lead() {
    lease.start();
    test.makeManager(worker);
  }

  @AfterEach
  void close() {
    lease.close();
    test.close();
  }

  private MasterKey key() {
    return MasterKey.open(directory.resolve("master.key"));
  }

  private SecretsService secrets() {
    return new SecretsService(test.database(), test.ids(), new Vault(key()));
  }

  private static SecretValue value(String text) {
    return SecretValue.of(text.getBytes(UTF_8));
  }

  private SecretRecord create(String name, String value) {
    return secrets().create(new NewSecrets.Author(one, "ada"), name, value(value));
  }

  private List<SecretRollout.Started> rotate(String name, String value, SecretRollout.Order order) {
    return rotated(name, value(value), Optional.of(order));
  }

  private List<SecretRollout.Started> rotated(
      String name, SecretValue value, Optional<SecretRollout.Order> order) {
    return secrets().addVersion(new NewSecrets.Author(one, "ada"), name, value, order).started();
  }

  private static ServiceSpec.Builder spec(SecretUse... uses) {
    return ServiceSpec.newBuilder().setImage(IMAGE).addAllSecrets(List.of(uses));
  }

  private static SecretUse env(String secret, String variable) {
    return SecretUse.newBuilder().setSecret(secret).setEnv(variable).build();
  }

  private static SecretUse file(String secret, String path) {
    return SecretUse.newBuilder()
        .setSecret(secret)
        .setFile(SecretFile.newBuilder().setPath(path).setMode(0400).setUid(7))
        .build();
  }

  private UUID placed(String name, SecretUse... uses) {
    UUID id = users.create(name, spec(uses).build());
    pass(id);
    return id;
  }

  private void pass(UUID service) {
    var _ =
        state.advance(
            List.of(new ServiceId(service)),
            snapshot -> {
              var situation =
                  snapshot.situation(test.cluster(), Instant.now(), Duration.ofMinutes(2));
              return snapshot.services().stream().map(v -> Reconciler.step(v, situation)).toList();
            });
    // The engine has the image.
    test.execute("update worker_images set observed_state = 'APPLIED'");
  }

  private List<Assignment> assignments() {
    return new AssignmentReader(test.database(), key()).complete(worker).orElseThrow().getPutList();
  }

  private Placement placement() {
    return assignments().stream()
        .filter(Assignment::hasPlacement)
        .map(Assignment::getPlacement)
        .findFirst()
        .orElseThrow();
  }

  private List<Assignment> contents() {
    return assignments().stream().filter(Assignment::hasSecret).toList();
  }

  private static void refused(Reason reason, String words, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.getMessage()).contains(words);
            });
  }

  @Test
  void theAgentGetsExactlyTheBytesAsVariablesAndAsFiles() {
    String text = "{{.Node.Hostname}} {{ \"quoted\" 'it' ünï\nline two";
    create("db", text);
    SecretValue binary = SecretValue.of(new byte[] {0, -1, 10, '{', '{'});
    secrets().create(new NewSecrets.Author(one, "ada"), "Tls.Key", binary);

    placed("api", env("db", "DB"), file("Tls.Key", "/etc/tls/key"), file("Tls.Key", "/b"));

    var workload = placement().getWorkload();
    assertThat(workload.getEnvMap()).containsEntry("DB", text);
    assertThat(workload.getUnreadableSecretsList()).isEmpty();
    assertThat(contents())
        .singleElement()
        .satisfies(
            a -> {
              assertThat(a.getSecret().getValue().toByteArray()).isEqualTo(binary.bytes());
              assertThat(a.getSecret().getObjectName()).matches("skep-tls-key-[0-9a-z]+-v1");
              assertThat(a.getId()).isEqualTo("secret/" + a.getSecret().getObjectName());
              assertThat(a.getSecret().getOrganizationId()).isEqualTo(one.toString());
            });
    assertThat(workload.getSecretFilesList())
        .extracting("path")
        .containsExactly("/etc/tls/key", "/b");
    assertThat(workload.getSecretFiles(0).getMode()).isEqualTo(0400);
    assertThat(workload.getSecretFiles(0).getUid()).isEqualTo(7);
  }

  @Test
  void aVersionThatDoesNotOpenHoldsUpItsServiceOnly() {
    create("db", "one");
    create("other", "two");
    placed("api", env("db", "DB"), file("db", "/db"));
    placed("web", env("other", "OTHER"));
    test.execute(
        "update container_secret_versions set wrapped_key = 'x' where secret_id ="
            + " (select id from container_secrets where name = 'db')");

    var byName =
        assignments().stream()
            .filter(Assignment::hasPlacement)
            .collect(
                java.util.stream.Collectors.toMap(
                    a -> a.getPlacement().getServiceName(), a -> a.getPlacement().getWorkload()));
    assertThat(byName.get("api"))
        .isNotNull()
        .satisfies(w -> assertThat(w.getUnreadableSecretsList()).containsExactly("db"))
        .satisfies(w -> assertThat(w.getEnvMap()).doesNotContainKey("DB"));
    assertThat(byName.get("web"))
        .isNotNull()
        .satisfies(w -> assertThat(w.getEnvMap()).containsEntry("OTHER", "two"));
    assertThat(contents()).allSatisfy(a -> assertThat(a.getSecret().getValue().isEmpty()).isTrue());
  }

  @Test
  void aReleaseKeepsItsVersionUntilARotationOrTheNextOne() {
    create("db", "one");
    UUID api = placed("api", env("db", "DB"));

    assertThat(rotated("db", value("two"), Optional.empty())).isEmpty();
    pass(api);
    assertThat(variable()).isEqualTo("one");
    users.scale("api", 2);
    pass(api);
    assertThat(variable()).isEqualTo("one");

    users.restart("api");
    assertThat(pinned("api")).isEqualTo(2);
    assertThat(test.number("select count(*) from releases")).isEqualTo(2);
    users.restart("api");
    assertThat(test.number("select count(*) from releases")).isEqualTo(2);
  }

  private String variable() {
    return placement().getWorkload().getEnvOrThrow("DB");
  }

  private long pinned(String service) {
    return test.number(
        "select max(u.number) from container_service_secrets u join container_services s"
            + " on s.release_id = u.release_id where s.name = ?",
        service);
  }

  @Test
  void aRotationGivesEveryUserANewReleaseInTheSameCall() {
    create("db", "one");
    UUID api = placed("api", env("db", "DB"));
    placed("web");
    users.create("stopped", spec(file("db", "/db")).build());
    users.stop("stopped");

    var started = rotate("db", "two", SecretRollout.Order.START_FIRST);

    assertThat(started).extracting("name").containsExactly("api", "stopped");
    assertThat(started.getFirst().deployment()).isPresent();
    assertThat(started.getLast().deployment()).isEmpty();
    assertThat(pinned("api")).isEqualTo(2);
    assertThat(pinned("stopped")).isEqualTo(2);
    assertThat(
            test.list(
                String.class,
                "select cause from container_deployments where service_id = ? and ended_at is null",
                api))
        .containsExactly("given version 2 of secret db");
    pass(api);
    assertThat(placement().getStopFirst()).isFalse();
    assertThat(rotate("db", "three", SecretRollout.Order.STOP_FIRST)).hasSize(2);
    assertThat(test.list(Boolean.class, "select stop_first from releases order by id"))
        .containsSubsequence(false, true);
  }

  /** Somebody else's change refuses an update, as it shall. */
  private static void insist(Runnable update) {
    for (boolean done = false; !done; ) {
      try {
        update.run();
        done = true;
      } catch (Refusal e) {
        assertThat(e.reason()).isEqualTo(Reason.ETAG_MISMATCH);
      }
    }
  }

  @Test
  void afterARotationNoReleaseThatIsWantedHasAnOlderVersion() throws Exception {
    create("db", "one");
    for (int i = 0; i < 4; i++) {
      users.create("early-" + i, spec(env("db", "DB")).build());
    }
    List<Callable<Object>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String n = String.valueOf(i);
      work.add(() -> users.create("late-" + n, spec(env("db", "DB")).build()));
      work.add(
          Executors.callable(
              () ->
                  insist(() -> users.update("early-" + n, "env", spec().putEnv("A", n).build()))));
    }
    for (int i = 0; i < 3; i++) {
      String next = "next " + i;
      work.add(i * 3, () -> rotate("db", next, SecretRollout.Order.START_FIRST));
    }

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var done : threads.invokeAll(work)) {
        done.get();
      }
    }

    assertThat(
            test.list(
                Integer.class,
                "select u.number from container_services s"
                    + " join container_service_secrets u on u.release_id = s.release_id"))
        .hasSize(8)
        .containsOnly(4);
  }

  @Test
  void rollingBackBringsTheEarlierValueBack() {
    create("db", "one");
    UUID api = placed("api", env("db", "DB"));
    test.execute("update container_services set good_release_id = release_id");
    rotate("db", "two", SecretRollout.Order.START_FIRST);

    users.rollBack("api");

    assertThat(pinned("api")).isEqualTo(1);
    pass(api);
    assertThat(variable()).isEqualTo("one");
  }

  @Test
  void whatIsInUseIsNotDeletedAndItIsSaidByWhom() {
    create("db", "one");
    UUID api = placed("api", env("db", "DB"));

    refused(Reason.SECRET_IN_USE, "service api (release 1)", () -> secrets().delete(one, "db"));

    users.update("api", "secrets", spec().build());
    refused(Reason.SECRET_IN_USE, "release 1", () -> secrets().delete(one, "db"));
    test.execute("delete from placements where service_id = ?", api);
    secrets().delete(one, "db");

    assertThat(test.number("select count(*) from container_secret_versions")).isZero();
    assertThat(test.list(Boolean.class, "select kept from releases order by number"))
        .as("the release that had it is given up")
        .containsExactly(false, true);
    refused(Reason.RELEASE_NOT_KEPT, "", () -> users.rollBack("api"));
  }

  @Test
  void anotherOrganizationFindsNothingAndHasNamesOfItsOwn() {
    SecretRecord mine = create("db", "one");

    for (String key : List.of("db", mine.id().toString())) {
      refused(Reason.SECRET_NOT_FOUND, key, () -> secrets().get(two, key));
      refused(Reason.SECRET_NOT_FOUND, key, () -> secrets().delete(two, key));
      refused(
          Reason.SECRET_NOT_FOUND,
          key,
          () ->
              secrets()
                  .addVersion(
                      new NewSecrets.Author(two, "eve"), key, value("x"), Optional.empty()));
    }
    assertThat(secrets().list(two, "", 10)).isEmpty();
    secrets().create(new NewSecrets.Author(two, "eve"), "db", value("other"));
    SimulatedUsers others = new SimulatedUsers(test.database(), test.ids(), two, REGISTRIES);
    others.create("api", spec(env("db", "DB")).build());
    assertThat(secrets().get(one, "db").users()).isEmpty();
    assertThat(secrets().get(two, "db").users()).hasSize(1);
  }

  @Test
  void everyWrongUseIsNamedByItsField() {
    create("db", "one");
    secrets().create(new NewSecrets.Author(one, "ada"), "binary", SecretValue.of(new byte[] {0}));

    assertThatThrownBy(
            () ->
                users.create(
                    "api", spec(env("db", "A"), env("none", "B"), env("binary", "C")).build()))
        .isInstanceOfSatisfying(
            Refusal.class,
            e ->
                assertThat(e.fields())
                    .extracting("field")
                    .containsExactly("spec.secrets[1].secret", "spec.secrets[2].env"));
    assertThatThrownBy(
            () ->
                users.create(
                    "api",
                    spec(
                            env("db", "A"),
                            env("db", "A"),
                            file("db", "/proc/x"),
                            env("../x", "B"),
                            SecretUse.newBuilder().setSecret("db").build())
                        .build()))
        .isInstanceOfSatisfying(
            Refusal.class,
            e ->
                assertThat(e.fields())
                    .extracting("field")
                    .containsExactly(
                        "spec.secrets[1].env",
                        "spec.secrets[2].file.path",
                        "spec.secrets[3].secret",
                        "spec.secrets[4].file"));
    assertThat(test.number("select count(*) from container_services")).isZero();
  }

  @Test
  void namesAndValuesHaveLimitsAndAVariableStaysText() {
    refused(Reason.INVALID_FIELD, "name", () -> create("a b", "x"));
    refused(Reason.INVALID_FIELD, "name", () -> create(new UUID(10L << 60, 1).toString(), "x"));
    refused(Reason.INVALID_FIELD, "value", () -> create("a", ""));
    refused(Reason.INVALID_FIELD, "512001 bytes", () -> create("a", "x".repeat(512_001)));
    create("db", "x".repeat(512_000));
    refused(Reason.NAME_TAKEN, "db", () -> create("db", "x"));
    create("env", "one");
    placed("api", env("env", "E"));
    refused(
        Reason.INVALID_FIELD,
        "service api (release 1) has it as the variable E",
        () -> rotated("env", SecretValue.of(new byte[] {'a', 0}), Optional.empty()));
  }

  @Test
  void asManySecretsAsTheQuotaSays() {
    test.execute("update quotas set amount = 2 where resource = 'SECRETS'");
    create("a", "x");
    create("b", "x");

    refused(Reason.QUOTA_EXCEEDED, "secrets", () -> create("c", "x"));
    secrets().delete(one, "a");
    create("c", "x");

    assertThat(test.number("select sum(used) from quotas where resource = 'SECRETS'")).isEqualTo(2);
  }

  @Test
  void oldVersionsStayForThirtyDaysAndAsLongAsAKeptReleaseHasThem() {
    create("db", "one");
    UUID api = placed("api", env("db", "DB"));
    rotated("db", value("two"), Optional.empty());
    rotated("db", value("three"), Optional.empty());
    SecretChores chores = new SecretChores(test.database(), new Vault(key()));

    chores.expire();
    assertThat(versions()).containsExactly(1, 2, 3);
    test.execute(
        "update container_secret_versions set superseded_at = superseded_at - interval '31 days'");
    chores.expire();
    assertThat(versions()).as("release 1 has the first").containsExactly(1, 3);

    users.restart("api");
    test.execute("delete from placements where service_id = ?", api);
    test.execute("update releases set kept = false where number = 1");
    chores.expire();
    assertThat(versions()).containsExactly(3);
  }

  private List<Integer> versions() {
    return test.list(Integer.class, "select number from container_secret_versions order by number");
  }

  @Test
  void afterARotationOfTheMasterKeyEverythingIsSealedAnewAndOneBadRowHoldsUpNothing() {
    for (int i = 0; i < SecretChores.BATCH + 5; i++) {
      create("s" + i, "value " + i);
    }
    placed("api", env("s7", "DB"));
    test.execute(
        "update container_secret_versions set wrapped_key = 'x' where secret_id ="
            + " (select id from container_secrets where name = 's3')");
    String before = key().keyId();
    MasterKey.rotate(directory.resolve("master.key"), Optional.empty());

    new SecretChores(test.database(), new Vault(key())).rewrap();

    assertThat(
            test.list(
                String.class,
                "select s.name from container_secret_versions v join container_secrets s"
                    + " on s.id = v.secret_id where v.key_id = ?",
                before))
        .containsExactly("s3");
    assertThat(
            test.number(
                "select count(*) from container_secret_versions where key_id = ?", key().keyId()))
        .isEqualTo(SecretChores.BATCH + 4);
    assertThat(variable()).isEqualTo("value 7");
  }
}
