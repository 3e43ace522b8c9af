package dev.skep.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.services.SimulatedUsers;
import dev.skep.controlplane.state.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A real PostgreSQL with our schema, whose clock is ours: {@code now()} and {@code
 * clock_timestamp()} are found in a schema before those of the server, and read a file. One run
 * after the other uses the same tables.
 */
final class SimulationDatabase implements AutoCloseable {
  private static final int RUNS_BETWEEN_VACUUMS = 50;

  private final Database database;
  private final SimulatedUsers.Registries registries = new SimulatedUsers.Registries();
  private final Hearing hearing = new Hearing(Ledger.TABLES);

  /** Without triggers; to switch them off and on would make a connection forget all its plans. */
  private final Connection ours;

  private final PreparedStatement look;
  private final PreparedStatement clear;
  private final FileChannel clock;
  private String seen = "";
  private Ledger ledger = Ledger.EMPTY;
  private Instant told = Instant.EPOCH;
  private int runs;

  private SimulationDatabase(Database database, Connection ours, FileChannel clock)
      throws SQLException {
    this.database = database;
    this.ours = ours;
    this.clock = clock;
    this.look = ours.prepareStatement(Ledger.READ);
    database.read(h -> h.getJdbi().setSqlLogger(hearing));
    List<String> tables =
        database.read(
            h ->
                h.createQuery(
                        """
                        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = 'public' and c.relkind = 'r' and not c.relispartition
                          and c.relname not like 'flyway%' and c.relname not like 'log_%' and c.relname <> 'quota_defaults'
                        order by 1
                        """)
                    .mapTo(String.class)
                    .list());
    String clearing =
        tables.stream()
            .map(table -> "delete from %s;".formatted(table))
            .collect(
                Collectors.joining(
                    "",
                    "create function sim.clear() returns void language plpgsql as $$ begin ",
                    " end $$"));
    try (var statement = ours.createStatement()) {
      statement.execute(clearing);
    }
    this.clear = ours.prepareStatement("select sim.clear()");
  }

  /** Its clock's file is in a directory that goes when it is closed. */
  static SimulationDatabase create(Path directory) {
    DatabaseUrl url = TestDatabase.bareUrl();
    String name = url.jdbcUrl().substring(url.jdbcUrl().lastIndexOf('/') + 1);
    try (var connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var statement = connection.createStatement()) {
      // The server may run as another user.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
      FileChannel clock = FileChannel.open(directory.resolve("clock"), CREATE_NEW, WRITE);
      setClock(clock, Instant.EPOCH);
      statement.execute(clock(directory.resolve("clock")));
      statement.execute("alter database " + name + " set search_path = public, sim, pg_catalog");
      statement.execute("alter database " + name + " set synchronous_commit = off");
      // What nobody looks at.
      statement.execute("alter database " + name + " set track_activities = off");
      statement.execute("alter database " + name + " set track_counts = off");
      statement.execute("alter database " + name + " set update_process_title = off");
      // Tables are tiny, and the clock is looked for each time that a statement is planned.
      statement.execute("alter database " + name + " set plan_cache_mode = force_generic_plan");
      Database database = Database.open(url);
      Connection ours = DriverManager.getConnection(url.jdbcUrl(), url.properties());
      try (var setting = ours.createStatement()) {
        setting.execute("set session_replication_role = replica");
      }
      return new SimulationDatabase(database, ours, clock);
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String clock(Path file) {
    return
"""
create schema sim;
create function sim.now() returns timestamptz language sql volatile
  as $$ select to_timestamp(pg_read_file('%1$s')::bigint / 1000.0) $$;
create function sim.clock_timestamp() returns timestamptz language sql volatile
  as $$ select to_timestamp(pg_read_file('%1$s')::bigint / 1000.0) $$;
"""
        .formatted(file);
  }

  SimulatedUsers.Registries registries() {
    return registries;
  }

  Database database() {
    return database;
  }

  /** Forgets everything. */
  void clear() {
    try (var statement = ours.createStatement()) {
      if (runs++ % RUNS_BETWEEN_VACUUMS == 0) {
        statement.execute("vacuum");
      }
      clear.execute();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    told = Instant.EPOCH;
    hearing.forget();
  }

  /** What stands in it now. */
  Ledger ledger() {
    if (hearing.takeWrote()) {
      read();
    }
    return ledger;
  }

  /** What the change feed was told since this was asked last. */
  Set<Change> news() {
    return hearing.takeNews();
  }

  /** The ledger, and fails when something was written that nobody noticed. */
  Ledger ledgerForSure() {
    Ledger noticed = ledger();
    read();
    if (!ledger.equals(noticed)) {
      throw new AssertionError("a write was not noticed: " + noticed + " became " + ledger);
    }
    return ledger;
  }

  private void read() {
    try (ResultSet row = look.executeQuery()) {
      row.next();
      String now = row.getString(1);
      if (!now.equals(seen)) {
        seen = now;
        ledger = Ledger.of(now);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What time it is for the server. */
  void setClock(Instant now) {
    if (!now.equals(told)) {
      told = now;
      setClock(clock, now);
    }
  }

  /** In one write, always as long: the server never reads half of it. */
  private static void setClock(FileChannel file, Instant now) {
    try {
      file.write(US_ASCII.encode("%013d".formatted(now.toEpochMilli())), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      ours.close();
    } catch (SQLException e) {
      throw new IOException(e);
    }
    database.close();
    clock.close();
  }
}
