package dev.skep.controlplane.db;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Statements that are sent together and answered one after the other: one round trip, whatever
 * their number. None can use what another one has answered.
 */
public final class Reads {
  private final Handle handle;
  private final List<String> statements = new ArrayList<>();
  private final List<Answer<?>> answers = new ArrayList<>();
  private final Map<String, Object> values = new HashMap<>();

  private record Answer<T>(RowMapper<T> mapper, Consumer<List<T>> listener) {
    void hear(ResultSet rows, StatementContext context) throws SQLException {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(mapper.map(rows, context));
      }
      listener.accept(all);
    }
  }

  public Reads(Handle handle) {
    this.handle = handle;
  }

  /** Of the connection that this is sent on. */
  public Handle handle() {
    return handle;
  }

  /** {@code answer} hears all rows, after those who asked before; what it throws ends the rest. */
  public <T> Reads ask(String sql, RowMapper<T> mapper, Consumer<List<T>> answer) {
    statements.add(sql);
    answers.add(new Answer<>(mapper, answer));
    return this;
  }

  /** Something that is answered by nothing but that it was done. */
  public Reads tell(String sql) {
    return ask(sql, (row, c) -> sql, done -> {});
  }

  /** One value for all statements that name it. */
  public Reads bind(String name, Object value) {
    values.put(name, value);
    return this;
  }

  public void send() {
    try (Query query = handle.createQuery(String.join(";\n", statements))) {
      values.forEach(query::bind);
      query.<Void>execute(
          (statement, context) -> {
            try (context) {
              hear(statement.get(), context);
              return null;
            }
          });
    }
  }

  private void hear(PreparedStatement statement, StatementContext context) throws SQLException {
    for (Answer<?> answer : answers) {
      ResultSet rows = statement.getResultSet();
      if (rows != null) {
        answer.hear(rows, context);
      }
      statement.getMoreResults();
    }
  }
}
