package dev.skep.controlplane.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.state.NotificationWriter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NotificationStoreTest {
  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId first = test.addOrganization("first");
  private final OrganizationId second = test.addOrganization("second");
  private final NotificationStore store = new NotificationStore(test.database(), Instant::now);

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void anOrganizationSeesItsOwnAndTheFirstOneThoseOfThePlatform() {
    append(null, "platform");
    append(first, "of-first");
    append(second, "of-second");

    assertThat(subjects(first, "", 10)).containsExactly("of-first", "platform");
    assertThat(subjects(second, "", 10)).containsExactly("of-second");
  }

  @Test
  void pagesGoOnWhereTheLastOneEnded() {
    append(first, "a");
    append(first, "b");
    append(first, "c");

    String last = store.list(first, false, "", 2).getLast().id().toString();
    assertThat(subjects(first, "", 2)).containsExactly("c", "b");
    assertThat(subjects(first, last, 2)).containsExactly("a");
  }

  @Test
  void oldOnesAreDropped() {
    append(first, "old");
    test.execute("update notifications set created_at = now() - interval '91 days'");
    append(first, "new");
    store.dropOld();

    assertThat(subjects(first, "", 10)).containsExactly("new");
  }

  private void append(@Nullable OrganizationId organization, String subject) {
    var notification =
        new Notification(organization, Notification.Severity.INFO, "test", subject, "It happened");
    test.database()
        .useTransaction(h -> NotificationWriter.append(h, test.ids().get(), notification));
  }

  private List<String> subjects(OrganizationId organization, String before, int limit) {
    return store.list(organization, organization.equals(first), before, limit).stream()
        .map(row -> row.notification().subject())
        .toList();
  }
}
