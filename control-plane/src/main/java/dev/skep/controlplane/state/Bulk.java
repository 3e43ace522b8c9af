package dev.skep.controlplane.state;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one statement, sent as one array per column: {@code unnest(:ids::uuid[], …)}. A thousand
 * rows cost one round trip.
 */
final class Bulk {
  /** What one statement carries at most. */
  private static final int ROWS = 10_000;

  private final String sql;
  private final List<Column> columns;
  private final List<@Nullable Object[]> rows = new ArrayList<>();

  Bulk(String sql, Column... columns) {
    this.sql = sql;
    this.columns = List.of(columns);
  }

  /** A parameter of the statement that is an array. */
  record Column(String name, Class<?> type) {
    static Column uuids(String name) {
      return new Column(name, UUID.class);
    }

    static Column texts(String name) {
      return new Column(name, String.class);
    }

    static Column longs(String name) {
      return new Column(name, Long.class);
    }

    static Column integers(String name) {
      return new Column(name, Integer.class);
    }
  }

  /** {@code values} in the order of the columns. */
  Bulk add(@Nullable Object... values) {
    rows.add(values);
    return this;
  }

  /** Sends nothing when there is no row. */
  void execute(Handle handle) {
    for (int from = 0; from < rows.size(); from += ROWS) {
      List<@Nullable Object[]> part = rows.subList(from, Math.min(from + ROWS, rows.size()));
      try (Update update = handle.createUpdate(sql)) {
        for (int column = 0; column < columns.size(); column++) {
          update.bind(columns.get(column).name(), array(part, column));
        }
        update.execute();
      }
    }
  }

  private Object array(List<@Nullable Object[]> part, int column) {
    Object array = Array.newInstance(columns.get(column).type(), part.size());
    for (int row = 0; row < part.size(); row++) {
      Array.set(array, row, part.get(row)[column]);
    }
    return array;
  }
}
