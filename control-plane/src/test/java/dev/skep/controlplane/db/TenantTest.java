package dev.skep.controlplane.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What PostgreSQL lets through when a statement forgets whose rows it is about. */
final class TenantTest {
  private static final String NAMES = "select name from container_services order by name";

  private final TestDatabase database = TestDatabase.create();
  private final OrganizationId ours = database.addOrganization("ours");
  private final OrganizationId theirs = database.addOrganization("theirs");

  @BeforeEach
  void addServices() {
    database.addService(ours, "web", 1, Specs.minimal().build());
    database.addService(theirs, "shop", 1, Specs.minimal().build());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void everyTableWithRowsOfOrganizationsIsWalledOff() {
    assertThat(
            database.list(
                String.class,
                """
                select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
                where a.attname in ('organization_id', 'home_organization_id') and not a.attisdropped
                  and c.relkind in ('r', 'p') and not c.relispartition and not c.relrowsecurity
                """))
        .isEmpty();
  }

  @Test
  void onlyRowsOfTheOrganizationAreSeen() {
    for (String table :
        List.of("container_services", "releases", "container_deployments", "organizations")) {
      String count = "select count(*) from " + table;
      assertThat(this.<Integer>ours(h -> h.select(count).mapTo(Integer.class).one()))
          .as(table)
          .isEqualTo(1);
    }
    assertThat(this.<List<String>>ours(h -> h.select(NAMES).mapTo(String.class).list()))
        .containsExactly("web");
  }

  @Test
  void rowsOfOthersAreNeitherChangedNorAdded() {
    assertThat(this.<Integer>ours(h -> h.execute("update container_services set replicas = 9")))
        .isEqualTo(1);
    assertThat(this.<Integer>ours(h -> h.execute("delete from networks"))).isEqualTo(1);
    refused(
        "insert into networks (id, organization_id, cluster_id, subnet, revision)"
            + " select gen_random_uuid(), ?, id, '10.9.0.0/24', 1 from clusters");
    refused("update container_services set organization_id = ?");

    assertThat(database.number("select count(*) from networks")).isZero();
  }

  private void refused(String sql) {
    assertThatThrownBy(() -> ours(h -> h.execute(sql, theirs.value())))
        .isInstanceOf(UnableToExecuteStatementException.class)
        .hasMessageContaining("row-level security");
  }

  @Test
  void whatThePlatformKeepsForItselfIsNotRead() {
    for (String table : List.of("sealed_values", "leases", "join_tokens", "control_planes")) {
      assertThatThrownBy(() -> ours(h -> h.select("select * from " + table).mapToMap().list()))
          .as(table)
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void thePlatformSeesAllAgainAfterwards() {
    var _ = this.<List<String>>ours(h -> h.select(NAMES).mapTo(String.class).list());

    for (int connection = 0; connection < 2 * Database.POOL_SIZE; connection++) {
      assertThat(database.list(String.class, NAMES)).containsExactly("shop", "web");
    }
    Tenant.in(
        ours,
        () ->
            assertThat(Tenant.across(() -> database.list(String.class, NAMES)))
                .containsExactly("shop", "web"));
  }

  private <T> T ours(Function<Handle, T> work) {
    var result = new AtomicReference<T>();
    Tenant.in(ours, () -> result.set(database.database().inTransaction(work)));
    return result.get();
  }
}
