package dev.skep.controlplane.logs;

import dev.skep.controlplane.db.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A partition per day: made ahead, dropped when it is older than the retention. */
public final class LogPartitions {
  private static final Logger log = LoggerFactory.getLogger(LogPartitions.class);
  private static final int DAYS_AHEAD = 3;
  private static final String PREFIX = "log_chunks_d";

  private final Database database;
  private final InstantSource clock;
  private final Duration retention;

  public LogPartitions(Database database, InstantSource clock, Duration retention) {
    this.database = database;
    this.clock = clock;
    this.retention = retention;
  }

  /** Can be called at any time, by any control plane. */
  public void maintain() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    database.useTransaction(
        handle -> {
          handle.execute("lock table log_chunks in share update exclusive mode");
          for (int i = 1; i <= DAYS_AHEAD; i++) {
            create(handle, today.plusDays(i));
          }
          dropBefore(handle, today.minusDays(retention.toDays()));
        });
  }

  // Rows of today may be in the default partition already, so only days to come get one.
  private static void create(Handle handle, LocalDate day) {
    handle.execute(
        "create table if not exists %s partition of log_chunks for values from ('%s') to ('%s')"
            .formatted(name(day), day, day.plusDays(1)));
  }

  private static void dropBefore(Handle handle, LocalDate oldest) {
    List<String> old =
        handle
            .createQuery(
                "select relname from pg_class where relkind = 'r' and relname like :prefix and relname < :oldest")
            .bind("prefix", PREFIX + "%")
            .bind("oldest", name(oldest))
            .mapTo(String.class)
            .list();
    for (String partition : old) {
      handle.execute("drop table " + partition);
      log.info("dropped log lines of {}", partition);
    }
    handle.execute("delete from log_chunks_default where stored_on < ?", oldest);
    handle.execute(
        "delete from log_positions p where updated_at < ?"
            + " and not exists (select 1 from log_chunks c where c.service_id = p.service_id)",
        oldest.atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  private static String name(LocalDate day) {
    return PREFIX + day.toString().replace("-", "");
  }
}
