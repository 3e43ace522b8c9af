package dev.skep.controlplane.logs;

import dev.skep.agent.v1.LogEntry;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Reads stored lines of one service of one organization. */
public final class LogReader {
  private static final String HEAD =
      """
      select coalesce((select h.last_cursor from log_heads h join container_services s on s.id = h.service_id
                       where h.service_id = :service and s.organization_id = :organization), 0)
      """;
  private static final String AFTER =
      """
      select * from log_chunks
      where organization_id = :organization and service_id = :service and last_cursor > :cursor
        and last_time >= :since
      order by first_cursor limit 64
      """;

  private static final String LAST =
      """
      select * from log_chunks
      where organization_id = :organization and service_id = :service and container_id = :container
      order by first_cursor desc limit 8
      """;

  private final Database database;

  public LogReader(Database database) {
    this.database = database;
  }

  /**
   * One line.
   *
   * @param cursor position in the log of the service
   */
  public record Line(long cursor, LogEntry entry, String container) {}

  /** The cursor after which the last {@code lines} lines come. */
  public long tailCursor(OrganizationId organization, ServiceId service, int lines) {
    return database.read(h -> Math.max(0, head(h, organization, service) - lines));
  }

  /** Lines after a cursor that are not older than {@code since}; at most {@code max}. */
  public List<Line> read(OrganizationId organization, ServiceId service, Range range) {
    List<Line> lines = new ArrayList<>();
    long cursor = range.cursor();
    while (lines.size() < range.max()) {
      List<StoredChunk> chunks = chunks(organization, service, cursor, range.since());
      if (chunks.isEmpty()) {
        break;
      }
      for (StoredChunk chunk : chunks) {
        chunk.addTo(lines, range);
      }
      cursor = chunks.getLast().last;
    }
    return lines;
  }

  /** The last lines of one container, oldest first; at most {@code max}. */
  public List<LogEntry> last(
      OrganizationId organization, ServiceId service, String container, int max) {
    List<StoredChunk> newest =
        database.read(
            h ->
                h.createQuery(LAST)
                    .bind("organization", organization.value())
                    .bind("service", service.value())
                    .bind("container", container)
                    .map((row, c) -> StoredChunk.of(row))
                    .list());
    List<LogEntry> lines =
        newest.reversed().stream().flatMap(chunk -> Chunk.decode(chunk.body).stream()).toList();
    return lines.subList(Math.max(0, lines.size() - max), lines.size());
  }

  /** Which lines to read. */
  public record Range(long cursor, Instant since, int max) {}

  private static long head(Handle handle, OrganizationId organization, ServiceId service) {
    return handle
        .createQuery(HEAD)
        .bind("organization", organization.value())
        .bind("service", service.value())
        .mapTo(Long.class)
        .one();
  }

  private List<StoredChunk> chunks(
      OrganizationId organization, ServiceId service, long cursor, Instant since) {
    return database.read(
        h ->
            h.createQuery(AFTER)
                .bind("organization", organization.value())
                .bind("service", service.value())
                .bind("cursor", cursor)
                .bind("since", since)
                .map((row, c) -> StoredChunk.of(row))
                .list());
  }

  private record StoredChunk(long first, long last, String container, byte[] body) {
    static StoredChunk of(ResultSet row) throws SQLException {
      return new StoredChunk(
          row.getLong("first_cursor"),
          row.getLong("last_cursor"),
          row.getString("container_id"),
          row.getBytes("body"));
    }

    void addTo(List<Line> lines, Range range) {
      long cursor = first;
      long sinceNanos = ChronoUnit.NANOS.between(Instant.EPOCH, range.since());
      for (LogEntry entry : Chunk.decode(body)) {
        boolean wanted = cursor > range.cursor() && entry.getTimeUnixNanos() >= sinceNanos;
        if (wanted && lines.size() < range.max()) {
          lines.add(new Line(cursor, entry, container));
        }
        cursor++;
      }
    }
  }
}
