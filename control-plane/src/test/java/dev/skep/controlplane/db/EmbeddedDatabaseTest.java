package dev.skep.controlplane.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EmbeddedDatabaseTest {
  @ParameterizedTest
  @ValueSource(strings = {"fsync", "synchronous_commit", "full_page_writes"})
  void whatIsCommittedSurvivesAPowerCut(String setting) {
    try (TestDatabase test = TestDatabase.create()) {
      assertThat(test.list(String.class, "show " + setting)).containsExactly("on");
    }
  }

  @Test
  void aServerThatIsKilledIsStartedAgainAsOftenAsItTakes(@TempDir Path directory) throws Exception {
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(directory)) {
      for (int i = 0; i < 3; i++) {
        long killed = server(directory);
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        Await.until(
            "another server answers", () -> answers(embedded.url()) && server(directory) != killed);
      }
    }
    assertThat(directory.resolve("data/postmaster.pid")).doesNotExist();
  }

  private static long server(Path directory) {
    try {
      return Long.parseLong(
          Files.readAllLines(directory.resolve("data/postmaster.pid")).getFirst().trim());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean answers(DatabaseUrl url) {
    try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.properties())) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  @Test
  void aNulInATextIsTheCallersMistake() {
    try (TestDatabase test = TestDatabase.create()) {
      assertThatThrownBy(() -> test.list(String.class, "select ?::text", "a\0b"))
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_FIELD));
    }
  }

  @Test
  void aUrlNeverShowsItsPassword() {
    DatabaseUrl url = DatabaseUrl.parse("postgresql://me:s%40cret@db:5433/skep?sslmode=require");

    assertThat(url.password()).isEqualTo("s@cret");
    assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://db:5433/skep?sslmode=require");
    assertThat(url.toString()).doesNotContain("cret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mysql://a:secret@b/c", "postgresql:///x", "secret", "postgresql://a b"})
  void aWrongUrlIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("is not postgresql://user:password@host:port/database");
  }
}
