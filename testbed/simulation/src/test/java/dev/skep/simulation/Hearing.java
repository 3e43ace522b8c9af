package dev.skep.simulation;

import dev.skep.controlplane.state.Change;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Hears every statement: whether one may have written what is watched, and what the change feed was
 * told. A transaction that was rolled back counts as well, which is one look or one hint too many.
 */
final class Hearing implements SqlLogger {
  private static final Pattern NEWS = Pattern.compile("(SERVICE|CLUSTER):([0-9a-f-]{36})");

  private final Pattern write;
  private final Map<String, Kind> kinds = new HashMap<>();
  private Set<Change> news = new LinkedHashSet<>();
  private boolean wrote = true;

  /** What a statement may do. */
  private record Kind(boolean writes, boolean tells) {}

  Hearing(List<String> tables) {
    write =
        Pattern.compile(
            "\\b(insert\\s+into|update|delete\\s+from)\\s+(%s)\\b"
                .formatted(String.join("|", tables)));
  }

  @Override
  public void logBeforeExecution(StatementContext statement) {
    Kind kind = kinds.computeIfAbsent(statement.getRenderedSql(), this::kind);
    wrote |= kind.writes;
    if (kind.tells) {
      Matcher told = NEWS.matcher(statement.getBinding().toString());
      while (told.find()) {
        news.add(new Change(Change.Topic.valueOf(told.group(1)), UUID.fromString(told.group(2))));
      }
    }
  }

  private Kind kind(String sql) {
    return new Kind(write.matcher(sql).find(), sql.contains("pg_notify"));
  }

  /** Nothing of what was there is. */
  void forget() {
    wrote = true;
    news.clear();
  }

  /** Whether something was written since this was asked last. */
  boolean takeWrote() {
    boolean was = wrote;
    wrote = false;
    return was;
  }

  /** What was told since this was asked last. */
  Set<Change> takeNews() {
    Set<Change> were = news;
    news = new LinkedHashSet<>();
    return were;
  }
}
