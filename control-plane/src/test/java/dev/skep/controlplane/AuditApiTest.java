package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.ListAuditEntriesRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.Role;
import dev.skep.v1.ScaleServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.ServicesServiceGrpc.ServicesServiceBlockingStub;
import dev.skep.v1.VerifyAuditRequest;
import dev.skep.v1.VerifyAuditResponse;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What is written down of calls, and what happens to who touches it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class AuditApiTest {
  private static final String SECRET = "canary-51";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;
  private @Nullable TestTenant tenant;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
  }

  @BeforeEach
  void addTenant() {
    tenant = new TestTenant(skep(), "acme-" + NUMBER.incrementAndGet());
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void changesAreWrittenDownWithWhoWhatAndBefore() {
    var services = services(Role.ROLE_DEPLOYER);
    create(services, "web");
    var _ =
        services.scaleService(
            ScaleServiceRequest.newBuilder().setService("web").setReplicas(3).build());

    List<AuditEntry> entries = entries("web");
    assertThat(entries)
        .extracting(AuditEntry::getAction)
        .containsExactly("ScaleService", "CreateService");
    assertThat(entries).extracting(AuditEntry::getOutcome).containsOnly("DONE");
    assertThat(entries)
        .extracting(AuditEntry::getUserName)
        .containsOnly(tenant().organization().getName() + "-deployer");
    assertThat(entries).extracting(AuditEntry::getClientAddress).containsOnly("127.0.0.1");
    assertThat(entries.getFirst().getRequest()).contains("\"replicas\":3");
    assertThat(entries.getFirst().getBefore())
        .contains("\"replicas\":1", "\"KEY\":\"(not shown)\"");
    assertThat(entries.getLast().getRequest()).contains("\"KEY\":\"(not shown)\"");
    assertThat(entries.toString()).doesNotContain(SECRET);
  }

  @Test
  void refusedAttemptsAreWrittenDownWithTheReason() {
    var services = services(Role.ROLE_DEPLOYER);
    create(services, "web");
    assertThatThrownBy(() -> create(services, "web")).isInstanceOf(StatusRuntimeException.class);
    var viewer = services(Role.ROLE_VIEWER);
    assertThatThrownBy(
            () -> viewer.deleteService(DeleteServiceRequest.newBuilder().setService("web").build()))
        .isInstanceOf(StatusRuntimeException.class);

    assertThat(entries("web"))
        .extracting(AuditEntry::getOutcome)
        .as("of what was refused before the request was read nothing but the call is known")
        .containsExactly("NAME_TAKEN", "DONE");
    assertThat(entries("")).extracting(AuditEntry::getOutcome).contains("PERMISSION_DENIED");
  }

  @Test
  void looksAndDryRunsLeaveNoTrace() {
    var services = services(Role.ROLE_DEPLOYER);
    int before = all().size();
    var _ = services.listServices(ListServicesRequest.getDefaultInstance());
    var _ =
        services.planService(
            PlanServiceRequest.newBuilder()
                .setService("dry-run")
                .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                .build());

    assertThat(all()).hasSize(before);
  }

  /** Nobody refused it, and it is tried again. */
  @Test
  void whatCouldNotBeDecidedLeavesNoTrace() {
    var services = services(Role.ROLE_DEPLOYER);
    int before = all().size();
    assertThatThrownBy(
            () ->
                services.createService(
                    CreateServiceRequest.newBuilder()
                        .setName("web")
                        .setSpec(ServiceSpec.newBuilder().setImage("127.0.0.1:1/app:1"))
                        .build()))
        .hasMessageContaining("UNAVAILABLE");

    assertThat(all()).hasSize(before);
  }

  @Test
  void restIsWrittenDownAsWell() {
    var answer =
        skep()
            .send(
                skep()
                    .authorized("/api/members/nobody")
                    .header("skep-organization", tenant().organization().getName())
                    .header("content-type", "application/json")
                    .PUT(BodyPublishers.ofString("{\"role\":\"ROLE_VIEWER\"}")));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
    assertThat(entries("nobody"))
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.getOutcome()).isEqualTo("USER_NOT_FOUND");
              assertThat(e.getUserName()).isEqualTo("admin");
              assertThat(e.getRequestId()).isNotEmpty();
            });
  }

  @Test
  void othersSeeNothingOfIt() {
    create(services(Role.ROLE_DEPLOYER), "web");
    var evil = new TestTenant(skep(), "evil");

    assertThat(
            AuditServiceGrpc.newBlockingStub(evil.as(Role.ROLE_ADMIN))
                .listAuditEntries(ListAuditEntriesRequest.getDefaultInstance())
                .getEntriesList())
        .extracting(AuditEntry::getResource)
        .doesNotContain("web");
  }

  /** The chain is one for all, and not whole any more afterwards. */
  @Order(Integer.MAX_VALUE)
  @Test
  void whatIsChangedOrCutOutIsFoundByItsPlace() throws SQLException {
    var services = services(Role.ROLE_DEPLOYER);
    create(services, "a");
    create(services, "b");
    awaitSealed();
    assertThat(verify().getFirstBadSequence()).isZero();
    assertThat(verify().getEntries()).isGreaterThanOrEqualTo(4);
    long middle = entries("a").getFirst().getSequence();

    assertThatThrownBy(() -> sql("update audit_entries set message = 'x'"))
        .hasMessageContaining("never changed");
    assertThatThrownBy(() -> sql("delete from audit_entries"))
        .hasMessageContaining("never changed");
    assertThatThrownBy(() -> sql("truncate audit_entries")).hasMessageContaining("never changed");

    // A superuser can.
    sql(
        "set session_replication_role = replica; update audit_entries set user_name = 'somebody else'"
            + " where sequence = "
            + middle);
    assertThat(verify().getFirstBadSequence()).isEqualTo(middle);
    assertThat(verify().getProblem()).contains("hash differs");
    sql(
        "set session_replication_role = replica; delete from audit_entries where sequence = "
            + middle);
    assertThat(verify().getFirstBadSequence()).isEqualTo(middle);
    assertThat(verify().getProblem()).contains("missing");
  }

  private void create(ServicesServiceBlockingStub services, String name) {
    var _ =
        services.createService(
            CreateServiceRequest.newBuilder()
                .setName(name)
                .setSpec(
                    ServiceSpec.newBuilder()
                        .setImage(registry.image("app:1"))
                        .putEnv("KEY", SECRET))
                .build());
  }

  private ServicesServiceBlockingStub services(Role role) {
    return ServicesServiceGrpc.newBlockingStub(tenant().as(role));
  }

  private List<AuditEntry> entries(String resource) {
    return all().stream().filter(e -> e.getResource().equals(resource)).toList();
  }

  private List<AuditEntry> all() {
    return AuditServiceGrpc.newBlockingStub(tenant().platform())
        .listAuditEntries(ListAuditEntriesRequest.newBuilder().setPageSize(200).build())
        .getEntriesList();
  }

  private VerifyAuditResponse verify() {
    return AuditServiceGrpc.newBlockingStub(skep().people())
        .verifyAudit(VerifyAuditRequest.getDefaultInstance());
  }

  private void awaitSealed() {
    Await.until("all have their place", () -> all().stream().allMatch(e -> e.getSequence() > 0));
  }

  private void sql(String statement) throws SQLException {
    var url = skep().database();
    try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var one = connection.createStatement()) {
      one.execute(statement);
    }
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }

  private TestTenant tenant() {
    return Objects.requireNonNull(tenant);
  }
}
