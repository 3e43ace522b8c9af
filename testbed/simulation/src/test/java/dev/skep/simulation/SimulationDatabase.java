package dev.skep.simulation;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.services.SimulatedUsers;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A real PostgreSQL with our schema, whose clock is ours: {@code now()} and {@code
 * clock_timestamp()} are found in a schema before those of the server. One run after the other uses
 * the same tables.
 */
final class SimulationDatabase implements AutoCloseable {
  private static final String CLOCK =
      """
      create schema sim;
      create sequence sim.clock minvalue 0 start 0;
      create function sim.now() returns timestamptz language sql stable
        as 'select to_timestamp(last_value / 1000.0) from sim.clock';
      create function sim.clock_timestamp() returns timestamptz language sql stable
        as 'select to_timestamp(last_value / 1000.0) from sim.clock';
      """;
  private static final int RUNS_BETWEEN_VACUUMS = 50;

  private final Database database;
  private final SimulatedUsers.Registries registries = new SimulatedUsers.Registries();
  private final String clear;
  private Instant told = Instant.EPOCH;
  private int runs;

  private SimulationDatabase(Database database) {
    this.database = database;
    List<String> tables =
        database.read(
            h ->
                h.createQuery(
                        """
                        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = 'public' and c.relkind = 'r' and not c.relispartition
                          and c.relname not like 'flyway%' and c.relname not like 'log_%'
                        order by 1
                        """)
                    .mapTo(String.class)
                    .list());
    this.clear =
        tables.stream()
            .map(table -> "delete from " + table)
            .collect(Collectors.joining(";", "set local session_replication_role = replica;", ""));
  }

  static SimulationDatabase create() {
    DatabaseUrl url = TestDatabase.bareUrl();
    String name = url.jdbcUrl().substring(url.jdbcUrl().lastIndexOf('/') + 1);
    try (var connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var statement = connection.createStatement()) {
      statement.execute(CLOCK);
      statement.execute("alter database " + name + " set search_path = public, sim, pg_catalog");
      statement.execute("alter database " + name + " set synchronous_commit = off");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new SimulationDatabase(Database.open(url));
  }

  SimulatedUsers.Registries registries() {
    return registries;
  }

  Database database() {
    return database;
  }

  /** Forgets everything. */
  void clear() {
    if (runs++ % RUNS_BETWEEN_VACUUMS == 0) {
      database.read(h -> h.execute("vacuum"));
    }
    database.useTransaction(h -> h.execute(clear));
    told = Instant.EPOCH;
  }

  /** What time it is for the server. */
  void setClock(Instant now) {
    if (!now.equals(told)) {
      told = now;
      database.read(
          h ->
              h.createQuery("select setval('sim.clock', :millis)")
                  .bind("millis", now.toEpochMilli())
                  .mapTo(Long.class)
                  .one());
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
