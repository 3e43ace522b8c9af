package dev.skep.controlplane.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.jspecify.annotations.Nullable;

/** The pool and transactions. Every connection has a statement and a socket timeout. */
public final class Database implements AutoCloseable {
  static final int POOL_SIZE = 16;
  static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(20);
  static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(5);

  /**
   * How long a transaction may do nothing. One of a process that was frozen must not hold its rows,
   * the leader's lease among them, for longer.
   */
  static final Duration IDLE_TIMEOUT = Duration.ofSeconds(5);

  /**
   * What is written at the end of every transaction of this thread, so that both are there or
   * neither.
   */
  public static final ScopedValue<Consumer<Handle>> ALONGSIDE = ScopedValue.newInstance();

  private static final ScopedValue<OneTransaction> ONE = ScopedValue.newInstance();

  private static final int VITAL_POOL_SIZE = 2;
  private static final Duration VITAL_STATEMENT_TIMEOUT = Duration.ofMillis(2_500);
  private static final Duration VITAL_ACQUIRE_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration VITAL_IDLE_TIMEOUT = Duration.ofMillis(1_500);

  private static final int ATTEMPTS = 3;

  /** PostgreSQL has no NUL, neither in text nor in jsonb. */
  private static final Set<String> NUL_STATES = Set.of("22021", "22P05");

  /** The server became a standby, or ended a transaction that did nothing. */
  private static final Set<String> LOST_STATES = Set.of("25006", "25P03");

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final DatabaseUrl url;

  private Database(DatabaseUrl url, HikariDataSource pool) {
    this.url = url;
    this.pool = pool;
    this.jdbi = Jdbi.create(pool).installPlugin(new PostgresPlugin());
  }

  /** Connects and brings the schema up to date. */
  public static Database open(DatabaseUrl url) {
    HikariConfig config = config(url, "skep", STATEMENT_TIMEOUT, IDLE_TIMEOUT);
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(2);
    config.setConnectionTimeout(ACQUIRE_TIMEOUT.toMillis());
    config.setValidationTimeout(2_000);
    var pool = new HikariDataSource(config);
    Flyway.configure().dataSource(pool).load().migrate();
    return new Database(url, pool);
  }

  /**
   * Two connections apart, for what must not wait behind other work and has to know soon that the
   * database is away: who leads and who is there. Every call ends within three seconds.
   */
  public static Database vital(DatabaseUrl url) {
    HikariConfig config = config(url, "skep-vital", VITAL_STATEMENT_TIMEOUT, VITAL_IDLE_TIMEOUT);
    config.addDataSourceProperty("connectTimeout", "2");
    config.addDataSourceProperty("socketTimeout", "3");
    config.setMaximumPoolSize(VITAL_POOL_SIZE);
    config.setConnectionTimeout(VITAL_ACQUIRE_TIMEOUT.toMillis());
    config.setValidationTimeout(1_000);
    return new Database(url, new HikariDataSource(config));
  }

  private static HikariConfig config(
      DatabaseUrl url, String name, Duration statementTimeout, Duration idleTimeout) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url.jdbcUrl());
    config.setDataSourceProperties(url.properties());
    config.setInitializationFailTimeout(Duration.ofSeconds(10).toMillis());
    config.setConnectionInitSql(
        "set statement_timeout = %d; set idle_in_transaction_session_timeout = %d"
            .formatted(statementTimeout.toMillis(), idleTimeout.toMillis()));
    config.setPoolName(name);
    return config;
  }

  /**
   * Runs one transaction. A deadlock or a lost connection before the commit is tried again, so the
   * work must have no effect outside of the database.
   */
  public <T extends @Nullable Object> T inTransaction(Function<Handle, T> work) {
    for (int attempt = 1; ; attempt++) {
      boolean alone = !ONE.isBound() || ONE.get().begun() == null;
      try {
        return ONE.isBound()
            ? ONE.get().within(handle -> withMore(handle, work))
            : jdbi.inTransaction(handle -> withMore(handle, work));
      } catch (ConnectionException e) {
        throw unavailable();
      } catch (RuntimeException e) {
        if (attempt == ATTEMPTS || !alone || !worthAnotherTry(e)) {
          throw refusalOrSame(e);
        }
        if (ONE.isBound()) {
          ONE.get().close();
        }
      }
    }
  }

  /** Transactions to be made one; {@code first} is done as soon as it begins. */
  public OneTransaction one(Consumer<Handle> first) {
    return new OneTransaction(jdbi, first);
  }

  /** All transactions of this thread that work makes are the one. */
  public void within(OneTransaction one, Runnable work) {
    ScopedValue.where(ONE, one).run(work);
  }

  /** Writes something more, and all of it for good. */
  public void commit(OneTransaction one, Consumer<Handle> last) {
    try {
      one.commit(last);
    } catch (RuntimeException e) {
      throw refusalOrSame(e);
    }
  }

  /** Runs work now, or when the one transaction that this thread is in is committed. */
  public static void afterCommit(Runnable work) {
    if (ONE.isBound()) {
      ONE.get().afterCommit(work);
    } else {
      work.run();
    }
  }

  /** Several reads of one moment; writes nothing, and nothing alongside. */
  public <T> T inReadTransaction(Function<Handle, T> work) {
    Handle begun = begun();
    try {
      if (begun != null) {
        return work.apply(begun);
      }
      return jdbi.inTransaction(
          handle -> {
            Tenant.enter(handle);
            return work.apply(handle);
          });
    } catch (ConnectionException e) {
      throw unavailable();
    } catch (RuntimeException e) {
      throw refusalOrSame(e);
    }
  }

  private static <T extends @Nullable Object> T withMore(Handle handle, Function<Handle, T> work) {
    Tenant.enter(handle);
    T result = work.apply(handle);
    if (ALONGSIDE.isBound()) {
      ALONGSIDE.get().accept(handle);
    }
    return result;
  }

  /** Like {@link #inTransaction} for work that returns nothing. */
  public void useTransaction(Consumer<Handle> work) {
    this.<@Nullable Void>inTransaction(
        handle -> {
          work.accept(handle);
          return null;
        });
  }

  /** Reads; without a transaction of its own, unless only rows of one organization are seen. */
  public <T> T read(Function<Handle, T> work) {
    if (Tenant.current().isPresent() || begun() != null) {
      return inReadTransaction(work);
    }
    try {
      return jdbi.withHandle(work::apply);
    } catch (ConnectionException e) {
      throw unavailable();
    } catch (RuntimeException e) {
      throw refusalOrSame(e);
    }
  }

  /** Sees what was written and is not committed. */
  private static @Nullable Handle begun() {
    return ONE.isBound() && ONE.get().sees(Tenant.current()) ? ONE.get().begun() : null;
  }

  /** Whether a query is answered now. */
  public boolean ready() {
    try {
      return jdbi.withHandle(h -> h.createQuery("select 1").mapTo(Integer.class).one()) == 1;
    } catch (RuntimeException e) {
      return false;
    }
  }

  public DatabaseUrl url() {
    return url;
  }

  @Override
  public void close() {
    pool.close();
  }

  private static RuntimeException refusalOrSame(RuntimeException e) {
    if (connectionLost(e)) {
      return unavailable();
    }
    return sqlState(e).filter(NUL_STATES::contains).isPresent()
        ? new Refusal(Reason.INVALID_FIELD, "a text contains a NUL character")
        : e;
  }

  private static Refusal unavailable() {
    return new Refusal(
        Reason.DATABASE_UNAVAILABLE,
        "the database does not answer; nothing was changed, try again");
  }

  private static boolean worthAnotherTry(RuntimeException e) {
    return sqlState(e).filter(s -> s.equals("40P01") || s.equals("40001")).isPresent();
  }

  private static boolean connectionLost(RuntimeException e) {
    return sqlState(e)
        .filter(s -> s.startsWith("08") || s.startsWith("57P") || LOST_STATES.contains(s))
        .isPresent();
  }

  /** The SQLSTATE of the deepest database error. */
  public static Optional<String> sqlState(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql && sql.getSQLState() != null) {
        return Optional.of(sql.getSQLState());
      }
    }
    return Optional.empty();
  }

  /** Name of the unique constraint that a write broke. */
  public static Optional<String> brokenConstraint(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof org.postgresql.util.PSQLException sql
          && "23505".equals(sql.getSQLState())
          && sql.getServerErrorMessage() != null) {
        return Optional.ofNullable(sql.getServerErrorMessage().getConstraint());
      }
    }
    return Optional.empty();
  }
}
