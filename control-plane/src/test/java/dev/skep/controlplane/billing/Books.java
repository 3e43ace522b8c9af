package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import java.time.Instant;
import java.util.List;

/** What the check of the ledger finds, for tests of what moves money. */
public final class Books {
  private Books() {}

  public static List<String> findings(Database database) {
    return database.read(handle -> LedgerCheck.findings(handle, Instant.EPOCH));
  }
}
