package dev.skep.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.services.SimulatedUsers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A real PostgreSQL with our schema, whose clock is ours: {@code now()} and {@code
 * clock_timestamp()} are found in a schema before those of the server, and read a file. One run
 * after the other uses the same tables.
 */
final class SimulationDatabase implements AutoCloseable {
  /** Most looks at the tables find what the last one found. */
  private static final String WRITES =
      """
      create unlogged sequence sim.writes;
      select nextval('sim.writes');
      create function sim.wrote() returns trigger language plpgsql security definer
        as $$ begin perform nextval('sim.writes'); return null; end $$;
      """;

  private static final String LOOK =
      "select last_value as writes, case when last_value <> :seen then (%s) end as ledger from sim.writes"
          .formatted(Ledger.READ);

  /** No count of writes. */
  private static final long NEVER = -1;

  private static final int RUNS_BETWEEN_VACUUMS = 50;

  private final Database database;

  /** Without triggers; to switch them off and on would make a connection forget all its plans. */
  private final Connection sweeper;

  private final SimulatedUsers.Registries registries = new SimulatedUsers.Registries();
  private final String clear;
  private final FileChannel clock;
  private long seen = NEVER;
  private Ledger ledger = Ledger.EMPTY;
  private Instant told = Instant.EPOCH;
  private int runs;

  private SimulationDatabase(Database database, Connection sweeper, FileChannel clock) {
    this.database = database;
    this.sweeper = sweeper;
    this.clock = clock;
    database.useTransaction(h -> Ledger.TABLES.forEach(table -> h.execute(watch(table))));
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
    this.clear =
        tables.stream()
            .map(table -> "delete from " + table)
            .collect(Collectors.joining(";"));
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
      statement.execute(WRITES);
      statement.execute("alter database " + name + " set search_path = public, sim, pg_catalog");
      statement.execute("alter database " + name + " set synchronous_commit = off");
      // Tables are tiny, and the clock is looked for each time that a statement is planned.
      statement.execute("alter database " + name + " set plan_cache_mode = force_generic_plan");
      Database database = Database.open(url);
      Connection sweeper = DriverManager.getConnection(url.jdbcUrl(), url.properties());
      try (var setting = sweeper.createStatement()) {
        setting.execute("set session_replication_role = replica");
      }
      return new SimulationDatabase(database, sweeper, clock);
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

  private static String watch(String table) {
    return "create trigger wrote after insert or update or delete on "
        + table
        + " for each statement execute function sim.wrote()";
  }

  SimulatedUsers.Registries registries() {
    return registries;
  }

  Database database() {
    return database;
  }

  /** Forgets everything. */
  void clear() {
    try (var statement = sweeper.createStatement()) {
      if (runs++ % RUNS_BETWEEN_VACUUMS == 0) {
        statement.execute("vacuum");
      }
      statement.execute(clear);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    told = Instant.EPOCH;
    seen = NEVER;
  }

  /** What stands in it now. */
  Ledger ledger() {
    return database.read(
        h -> {
          h.createQuery(LOOK).bind("seen", seen).map((row, c) -> look(row)).one();
          return ledger;
        });
  }

  private boolean look(ResultSet row) throws SQLException {
    seen = row.getLong("writes");
    String now = row.getString("ledger");
    if (now != null) {
      ledger = Ledger.of(now);
    }
    return now != null;
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
      sweeper.close();
    } catch (SQLException e) {
      throw new IOException(e);
    }
    database.close();
    clock.close();
  }
}
