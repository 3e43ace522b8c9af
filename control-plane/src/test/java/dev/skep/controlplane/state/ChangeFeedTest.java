package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChangeFeedTest {
  private final Queue<Change> heard = new ConcurrentLinkedQueue<>();

  @Test
  void aChangeIsHeardWhenItIsCommittedAndNotBefore() {
    try (TestDatabase test = TestDatabase.create();
        ChangeFeed feed = new ChangeFeed(test.database().url())) {
      listen(feed);
      Change lost = new Change(Change.Topic.LOGS, UUID.randomUUID());
      Change kept = new Change(Change.Topic.SERVICE, UUID.randomUUID());
      assertThatThrownBy(
              () ->
                  test.database()
                      .useTransaction(
                          h -> {
                            lost.announce(h);
                            throw new IllegalStateException("on purpose");
                          }))
          .hasMessage("on purpose");
      test.database().useTransaction(kept::announce);

      Await.until("the change is heard", () -> heard.contains(kept));
      assertThat(heard).doesNotContain(lost);
    }
  }

  @Test
  void aSubscriberThatFailsDoesNotSilenceTheOthers() {
    try (TestDatabase test = TestDatabase.create();
        ChangeFeed feed = new ChangeFeed(test.database().url())) {
      feed.subscribe(
          change -> {
            throw new IllegalStateException("on purpose");
          });
      listen(feed);
      Change change = new Change(Change.Topic.CLUSTER, UUID.randomUUID());
      test.database().useTransaction(change::announce);

      Await.until("the change is heard", () -> heard.contains(change));
    }
  }

  @Test
  void afterARestartOfTheDatabaseEverythingMayHaveChanged(@TempDir Path directory)
      throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    DatabaseUrl url =
        new DatabaseUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    EmbeddedPostgres server = start(directory, port);
    try (ChangeFeed feed = new ChangeFeed(url)) {
      listen(feed);
      server.close();
      heard.clear();
      server = start(directory, port);

      Await.until("everything is announced", () -> heard.contains(Change.EVERYTHING));
    } finally {
      server.close();
    }
  }

  private void listen(ChangeFeed feed) {
    feed.subscribe(heard::add);
    feed.start();
    Await.until("the feed listens", () -> heard.contains(Change.EVERYTHING));
  }

  private static EmbeddedPostgres start(Path directory, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(directory.resolve("data"))
        .setOverrideWorkingDirectory(directory.resolve("server").toFile())
        .setCleanDataDirectory(false)
        .setPort(port)
        .start();
  }
}
