package dev.skep.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.rpc.Reach;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Entries go from the beginning of the chain, and only when they are old. */
final class AuditRetentionTest {
  private final TestDatabase database = TestDatabase.create();
  private final AuditTrail trail = new AuditTrail(database.database(), database.ids());
  private final Caller caller =
      new Caller(
          new UserId(database.ids().get()),
          "ada",
          "laptop",
          new OrganizationId(database.ids().get()),
          "acme",
          Reach.NOWHERE,
          Optional.empty());

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void oldEntriesGoAndTheChainIsWhole() {
    write("first", "second");
    trail.seal();
    Instant between = Instant.now();
    write("third");
    trail.seal();

    trail.dropOld(between);

    assertThat(actions()).containsExactly("third");
    assertThat(trail.store().verify().firstBad()).isZero();
    assertThat(trail.store().verify().entries()).isEqualTo(1);
    write("fourth");
    trail.seal();
    assertThat(trail.store().verify().firstBad()).isZero();
    assertThat(trail.store().verify().entries()).isEqualTo(2);
  }

  @Test
  void whatHasNoPlaceInTheChainYetStays() {
    write("loose");

    trail.dropOld(Instant.now().plusSeconds(1));

    assertThat(actions()).containsExactly("loose");
  }

  @Test
  void nobodyElseDeletesAnything() {
    write("first", "second");
    trail.seal();
    trail.dropOld(Instant.now().minusSeconds(60));

    assertThatThrownBy(() -> database.execute("delete from audit_entries"))
        .hasMessageContaining("never changed or deleted");
    assertThat(actions()).containsExactly("first", "second");
  }

  private void write(String... actions) {
    for (String action : actions) {
      trail
          .attempt(caller, new Origin("127.0.0.1", "r", ""), action, List.of())
          .refused("NO", "no");
    }
  }

  private List<String> actions() {
    return database.list(String.class, "select action from audit_entries order by id");
  }
}
