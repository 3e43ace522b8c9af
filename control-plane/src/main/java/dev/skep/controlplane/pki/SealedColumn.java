package dev.skep.controlplane.pki;

import dev.skep.controlplane.db.Database;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A column that the master key seals. After a rotation it is sealed anew, so that nothing needs the
 * older keys any more.
 *
 * @param key column that tells rows apart
 * @param context of what a row has, by its key
 */
public record SealedColumn(String table, String key, String column, UnaryOperator<String> context) {
  private static final Logger log = LoggerFactory.getLogger(SealedColumn.class);
  private static final int BATCH = 100;

  private record Row(String key, byte[] sealed) {}

  /** Goes on where it was interrupted; may run on several control planes at once. */
  public void sealAnew(Database database, MasterKey masterKey) {
    String after = "";
    List<Row> done;
    do {
      String from = after;
      done = database.inTransaction(handle -> batch(handle, masterKey, from));
      after = done.isEmpty() ? after : done.getLast().key;
    } while (done.size() == BATCH);
  }

  private List<Row> batch(Handle handle, MasterKey masterKey, String after) {
    List<Row> rows =
        handle
            .createQuery(
                """
                select <key>::text as key, <column> as sealed from <table>
                where substring(<column> for 5) <> :prefix and <key>::text collate "C" > :after
                order by <key>::text collate "C" limit :limit for update skip locked
                """)
            .define("key", key)
            .define("column", column)
            .define("table", table)
            .bind("prefix", masterKey.prefix())
            .bind("after", after)
            .bind("limit", BATCH)
            .map((row, c) -> new Row(row.getString("key"), row.getBytes("sealed")))
            .list();
    rows.forEach(row -> sealAnew(handle, masterKey, row));
    return rows;
  }

  private void sealAnew(Handle handle, MasterKey masterKey, Row row) {
    String name = context.apply(row.key);
    byte[] plain;
    try {
      plain = masterKey.open(row.sealed, name);
    } catch (IllegalStateException e) {
      // The others can be saved.
      log.error("{} of {} {}: {}", column, table, row.key, e.getMessage());
      return;
    }
    handle
        .createUpdate("update <table> set <column> = :sealed where <key>::text = :key")
        .define("key", key)
        .define("column", column)
        .define("table", table)
        .bind("sealed", masterKey.seal(plain, name))
        .bind("key", row.key)
        .execute();
  }
}
