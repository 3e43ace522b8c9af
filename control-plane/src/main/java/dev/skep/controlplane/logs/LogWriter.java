package dev.skep.controlplane.logs;

import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.vault.Redaction;
import dev.skep.controlplane.vault.Redactor;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/**
 * Stores lines exactly once: the position of each container moves in the same transaction as its
 * lines are written, and lines before the position were stored earlier.
 */
final class LogWriter {
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{12,64}");

  /** A container's first lines need a placement of its worker; later ones only the position. */
  private static final String OWNER =
      """
      select s.organization_id, s.last_release_number from container_services s
      where s.id = :service and (
        exists (select 1 from placements p where p.service_id = s.id and p.worker_id = :worker)
        or exists (select 1 from log_positions l where l.container_id = :container and l.service_id = s.id))
      """;

  private static final String POSITION =
      """
      insert into log_positions (container_id, service_id, next_offset) values (:container, :service, 0)
      on conflict (container_id) do update set updated_at = now()
      returning next_offset, gap_offset
      """;
  private static final String HEAD =
      """
      insert into log_heads (service_id, last_cursor) values (:service, :lines)
      on conflict (service_id) do update set last_cursor = log_heads.last_cursor + :lines
      returning last_cursor
      """;
  private static final String CHUNK =
      """
      insert into log_chunks (organization_id, service_id, first_cursor, last_cursor, container_id, last_time, body, stored_on)
      values (:organization, :service, :first, :last, :container, :time, :body, current_date)
      """;

  private static final Comparator<Key> ORDER =
      Comparator.comparing(Key::service).thenComparing(Key::container);

  private final InstantSource clock;
  private final Redactor redactor;

  LogWriter(InstantSource clock, Redactor redactor) {
    this.clock = clock;
    this.redactor = redactor;
  }

  private record Owner(UUID organization, int lastRelease) {}

  /** A batch and who sent it. */
  record Arrived(WorkerId worker, LogBatch batch) {}

  private record Key(UUID service, String container, WorkerId worker) {}

  void write(Handle handle, List<Arrived> group) {
    Map<Key, List<LogBatch>> byContainer = new LinkedHashMap<>();
    for (Arrived arrived : group) {
      key(arrived)
          .ifPresent(
              key -> byContainer.computeIfAbsent(key, k -> new ArrayList<>()).add(arrived.batch));
    }
    // In one order everywhere, so that two control planes never wait for each other's rows.
    byContainer.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(ORDER))
        .forEach(entry -> write(handle, entry.getKey(), entry.getValue()));
  }

  private static Optional<Key> key(Arrived arrived) {
    String container = arrived.batch.getContainerId();
    if (!CONTAINER.matcher(container).matches()) {
      return Optional.empty();
    }
    try {
      UUID service = UUID.fromString(arrived.batch.getServiceId());
      return Optional.of(new Key(service, container, arrived.worker));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void write(Handle handle, Key key, List<LogBatch> batches) {
    Optional<Owner> owner =
        handle
            .createQuery(OWNER)
            .bind("service", key.service)
            .bind("container", key.container)
            .bind("worker", key.worker.value())
            .map(
                (row, c) ->
                    new Owner(
                        row.getObject("organization_id", UUID.class),
                        row.getInt("last_release_number")))
            .findOne();
    if (owner.isEmpty()) {
      // The service was deleted: nobody can read these lines any more.
      return;
    }
    NewLines lines =
        handle
            .createQuery(POSITION)
            .bind("container", key.container)
            .bind("service", key.service)
            .map(
                (row, c) ->
                    new NewLines(
                        row.getLong("next_offset"), row.getLong("gap_offset"), clock.instant()))
            .one();
    batches.forEach(lines::add);
    if (lines.entries.isEmpty()) {
      return;
    }
    lines.redact(redactor.of(handle, key.service, owner.get().lastRelease));
    store(handle, key, owner.get().organization, lines);
  }

  private static void store(Handle handle, Key key, UUID organization, NewLines lines) {
    int count = lines.entries.size();
    long last =
        handle
            .createQuery(HEAD)
            .bind("service", key.service)
            .bind("lines", count)
            .mapTo(Long.class)
            .one();
    handle
        .createUpdate(
            "update log_positions set next_offset = :next, gap_offset = :gap where container_id = :container")
        .bind("next", lines.next)
        .bind("gap", lines.gapOffset)
        .bind("container", key.container)
        .execute();
    handle
        .createUpdate(CHUNK)
        .bind("organization", organization)
        .bind("service", key.service)
        .bind("first", last - count + 1)
        .bind("last", last)
        .bind("container", key.container)
        .bind("time", lines.lastTime())
        .bind("body", Chunk.encode(lines.entries))
        .execute();
    new Change(Change.Topic.LOGS, key.service).announce(handle);
  }

  /** Lines that come after the position, in order. */
  private static final class NewLines {
    private final List<LogEntry> entries = new ArrayList<>();
    private final Instant now;
    private long next;
    private long gapOffset;

    NewLines(long next, long gapOffset, Instant now) {
      this.next = next;
      this.gapOffset = gapOffset;
      this.now = now;
    }

    void add(LogBatch batch) {
      long first = batch.getFirstOffset();
      // A batch that is sent again tells of its gap again; a gap is told once per place.
      if (batch.hasGap() && first > gapOffset) {
        entries.add(gap(batch));
        gapOffset = first;
      }
      int known = Math.clamp(next - first, 0, batch.getLinesCount());
      entries.addAll(batch.getLinesList().subList(known, batch.getLinesCount()));
      next = Math.max(next, first + batch.getLinesCount());
    }

    /** Before anything is stored: what is stored stays. */
    void redact(Redaction redaction) {
      if (!redaction.isEmpty()) {
        entries.replaceAll(entry -> redacted(redaction, entry));
      }
    }

    private static LogEntry redacted(Redaction redaction, LogEntry entry) {
      byte[] text = redaction.bytes(entry.getText().toByteArray());
      return entry.toBuilder().setText(com.google.protobuf.ByteString.copyFrom(text)).build();
    }

    private LogEntry gap(LogBatch batch) {
      long lines = batch.getGap().getLines();
      String count = lines == 0 ? "an unknown number of" : Long.toString(lines);
      String text = count + " lines were lost before this: " + batch.getGap().getReason();
      return LogEntry.newBuilder()
          .setStream(Chunk.GAP)
          .setTimeUnixNanos(ChronoUnit.NANOS.between(Instant.EPOCH, now))
          .setText(com.google.protobuf.ByteString.copyFrom(text, StandardCharsets.UTF_8))
          .build();
    }

    Instant lastTime() {
      long nanos = entries.stream().mapToLong(LogEntry::getTimeUnixNanos).max().orElse(0);
      return Instant.EPOCH.plusNanos(nanos);
    }
  }
}
