package dev.skep.controlplane.state;

import dev.skep.controlplane.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on a connection of its own and hands every {@link Change} to its subscribers. */
public final class ChangeFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);
  private static final Duration POLL = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final DatabaseUrl url;
  private final List<Consumer<Change>> subscribers = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile @Nullable Connection current;
  private volatile boolean closed;

  public ChangeFeed(DatabaseUrl url) {
    this.url = url;
    this.thread = Thread.ofPlatform().name("change-feed").daemon().unstarted(this::run);
  }

  /** {@code subscriber} must not block: it runs on the feed's only thread. */
  public void subscribe(Consumer<Change> subscriber) {
    subscribers.add(subscriber);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.properties())) {
        current = connection;
        listen(connection);
      } catch (SQLException e) {
        if (!closed) {
          log.warn("the change feed lost the database, trying again: {}", e.getMessage());
          pause();
        }
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("listen " + Change.CHANNEL);
    }
    publish(Change.EVERYTHING);
    PGConnection postgres = connection.unwrap(PGConnection.class);
    while (!closed) {
      PGNotification[] notifications = postgres.getNotifications((int) POLL.toMillis());
      for (PGNotification notification : notifications) {
        publish(Change.parse(notification.getParameter()));
      }
      if (notifications.length == 0 && !connection.isValid(2)) {
        throw new SQLException("the connection is gone");
      }
    }
  }

  private void publish(Change change) {
    for (Consumer<Change> subscriber : subscribers) {
      try {
        subscriber.accept(change);
      } catch (RuntimeException e) {
        // One subscriber's failure must not silence the feed for the others.
        log.error("a subscriber failed on {}", change, e);
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    Connection connection = current;
    if (connection != null) {
      try {
        // The thread waits in a read, which an interrupt does not end.
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        log.warn("cannot end the change feed's connection: {}", e.getMessage());
      }
    }
  }
}
