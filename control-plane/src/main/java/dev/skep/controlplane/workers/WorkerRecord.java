package dev.skep.controlplane.workers;

import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.state.Rows;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A worker with what only its operators ask for.
 *
 * @param usage percent that the machine uses, as far as it was measured
 * @param renewing whether a fresh certificate was asked for that the agent does not have yet
 */
record WorkerRecord(Worker worker, Map<Pressure, Double> usage, boolean renewing) {
  private static final int ETAG_BYTES = 8;

  static WorkerRecord of(ResultSet row) throws SQLException {
    return new WorkerRecord(
        Rows.worker(row),
        Rows.usage(row),
        row.getLong("certificate_generation") > row.getLong("renewed_generation"));
  }

  /** Of what an update can change. */
  String etag() {
    String text = new TreeMap<>(worker.labels()) + "" + new TreeSet<>(worker.taints());
    byte[] digest = Digests.sha256(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, ETAG_BYTES);
  }
}
