package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.StatusReport;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.state.Failpoint;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.vault.Redactor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports of all agents, written together: under load one transaction holds many of them, on an
 * idle system each is written at once. A report that cannot be written is not acknowledged, so the
 * agent sends it again.
 */
public final class StatusIngest implements AutoCloseable {
  /** Reports that wait; beyond it a session has to wait, and its stream with it. */
  static final int QUEUE = 4_096;

  static final int BATCH = 256;

  private static final Logger log = LoggerFactory.getLogger(StatusIngest.class);

  private final Database database;
  private final MasterKey masterKey;
  private final StatusRedaction redaction;
  private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread;

  record Entry(WorkerId worker, long sessionEpoch, StatusReport report, Runnable stored) {}

  public StatusIngest(Database database, MasterKey masterKey) {
    this.database = database;
    this.masterKey = masterKey;
    this.redaction = new StatusRedaction(new Redactor(masterKey));
    this.thread = Thread.ofPlatform().name("status-ingest").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** False when the queue is full; the agent will resend. {@code stored} runs after the commit. */
  public boolean offer(WorkerId worker, long sessionEpoch, StatusReport report, Runnable stored) {
    return queue.offer(new Entry(worker, sessionEpoch, report, stored));
  }

  private void run() {
    List<Entry> batch = new ArrayList<>(BATCH);
    while (!Thread.currentThread().isInterrupted()) {
      try {
        batch.clear();
        batch.add(queue.take());
        queue.drainTo(batch, BATCH - 1);
        store(batch);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  void store(List<Entry> batch) {
    try {
      database.useTransaction(handle -> write(handle, batch));
      Failpoint.STATUS_STORED.hit();
      batch.forEach(entry -> entry.stored.run());
    } catch (Refusal e) {
      log.warn(
          "cannot store {} status reports, agents will send them again: {}",
          batch.size(),
          e.getMessage());
    } catch (RuntimeException e) {
      // One report that cannot be written must not hold up those of others.
      if (batch.size() > 1) {
        batch.forEach(entry -> store(List.of(entry)));
      } else {
        log.error("cannot store a status report of worker {}", batch.getFirst().worker, e);
      }
    }
  }

  /** What takes a cluster's row comes before what takes rows of placements, as in the leader. */
  private void write(Handle handle, List<Entry> batch) {
    List<Entry> current = current(handle, batch);
    ImageStatusWriter images = new ImageStatusWriter(handle);
    for (Entry entry : current) {
      if (entry.report.hasSwarm()) {
        new SwarmWriter(handle, masterKey, entry.worker).write(entry.report.getSwarm());
      }
      images.add(entry.worker, entry.report.getObjectsList());
    }
    images.write();
    current.forEach(
        entry -> VolumeStatusWriter.write(handle, entry.worker, entry.report.getObjectsList()));
    current.forEach(
        entry ->
            StatusWriter.write(
                handle, entry.worker, redaction.clean(handle, entry.report.getObjectsList())));
  }

  /** Those of sessions that no newer one has replaced. */
  private static List<Entry> current(Handle handle, List<Entry> batch) {
    Map<WorkerId, Long> epochs = new HashMap<>();
    handle
        .createQuery("select id, session_epoch from container_workers where id = any(:ids)")
        .bind("ids", batch.stream().map(e -> e.worker.value()).distinct().toArray(UUID[]::new))
        .map((row, c) -> Map.entry(Rows.uuid(row, "id"), row.getLong("session_epoch")))
        .forEach(e -> epochs.put(new WorkerId(e.getKey()), e.getValue()));
    return batch.stream()
        .filter(e -> Objects.equals(epochs.get(e.worker), e.sessionEpoch))
        .toList();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
