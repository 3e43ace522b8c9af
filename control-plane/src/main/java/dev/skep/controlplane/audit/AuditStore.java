package dev.skep.controlplane.audit;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Adds entries, gives them their place in the chain, reads and verifies them. */
final class AuditStore {
  static final int BATCH = 1_000;
  private static final UUID NEWEST = UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");
  private static final String APPEND =
      """
      insert into audit_entries (id, organization_id, user_id, user_name, token_name, client_address, request_id,
                                 action, resource, request, before, outcome, message)
      values (:id, :organization, :user, :userName, :tokenName, :address, :requestId,
              :action, :resource, :request, :before, :outcome, :message)
      on conflict (id) do nothing
      """;

  /** The last of the oldest that are all old enough. */
  private static final String OLDEST =
      """
      select sequence, hash
      from (select sequence, hash, max(at) over (order by sequence) as newest
            from (select * from audit_entries where sequence > :base order by sequence limit :limit) as batch) as oldest
      where newest < :before order by sequence desc limit 1
      """;

  private static final String SEAL = "update audit_entries set sequence = ?, hash = ? where id = ?";

  private final Database database;

  AuditStore(Database database) {
    this.database = database;
  }

  /** In a transaction of the caller; does nothing for an entry that is there. */
  static void append(Handle handle, AuditEntry entry) {
    AuditEntry.Call call = entry.call();
    handle
        .createUpdate(APPEND)
        .bind("id", entry.id())
        .bind("organization", entry.organization())
        .bind("user", entry.user())
        .bind("userName", entry.userName())
        .bind("tokenName", entry.tokenName())
        .bind("address", call.address())
        .bind("requestId", call.requestId())
        .bind("action", call.action())
        .bind("resource", call.resource())
        .bind("request", call.request())
        .bind("before", call.before())
        .bind("outcome", entry.outcome())
        .bind("message", entry.message())
        .execute();
  }

  void append(AuditEntry entry) {
    database.useTransaction(handle -> append(handle, entry));
  }

  /**
   * Newest first.
   *
   * @param before an id; empty for the first page
   */
  List<AuditEntry> list(OrganizationId organization, String before, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "select * from audit_entries where organization_id = :organization and id < :before"
                        + " order by id desc limit :limit")
                .bind("organization", organization.value())
                .bind("before", before.isEmpty() ? NEWEST : UUID.fromString(before))
                .bind("limit", limit)
                .map((row, c) -> AuditEntry.of(row))
                .list());
  }

  /** Where the chain ends. */
  private record Head(long sequence, byte[] hash) {}

  /**
   * Gives entries that have none their place. Any control plane may, one at a time: the head is
   * held.
   *
   * @return how many, {@link #BATCH} at most
   */
  int seal() {
    return anyLoose() ? sealSome() : 0;
  }

  /** Without the head, so that nothing is written every second for nothing. */
  private boolean anyLoose() {
    return database.read(
        handle ->
            handle
                .createQuery("select exists (select 1 from audit_entries where sequence is null)")
                .mapTo(Boolean.class)
                .one());
  }

  private int sealSome() {
    return database.inTransaction(
        handle -> {
          Head head = head(handle, " for update");
          List<AuditEntry> loose =
              handle
                  .createQuery(
                      "select * from audit_entries where sequence is null order by id limit :limit")
                  .bind("limit", BATCH)
                  .map((row, c) -> AuditEntry.of(row))
                  .list();
          var batch = handle.prepareBatch(SEAL);
          for (AuditEntry entry : loose) {
            long sequence = head.sequence + 1;
            head = new Head(sequence, AuditChain.hash(head.hash, sequence, entry));
            batch.add(head.sequence, head.hash, entry.id());
          }
          if (!loose.isEmpty()) {
            batch.execute();
            handle.execute(
                "update audit_head set sequence = ?, hash = ?", head.sequence, head.hash);
          }
          return loose.size();
        });
  }

  /**
   * Lets the oldest entries go, at most a batch of them; the chain then begins behind them.
   *
   * @return how many
   */
  int drop(Instant before) {
    return database.inTransaction(
        handle -> {
          Head base = base(handle, " for update");
          Optional<Head> last =
              handle
                  .createQuery(OLDEST)
                  .bind("base", base.sequence)
                  .bind("limit", BATCH)
                  .bind("before", before)
                  .map((row, c) -> new Head(row.getLong("sequence"), row.getBytes("hash")))
                  .findOne();
          if (last.isEmpty()) {
            return 0;
          }
          handle.execute(
              "update audit_head set base_sequence = ?, base_hash = ?",
              last.get().sequence,
              last.get().hash);
          return handle.execute(
              "delete from audit_entries where sequence <= ?", last.get().sequence);
        });
  }

  /** What a look at the whole chain found; {@code firstBad} is 0 when all is well. */
  record Verification(long entries, long firstBad, String problem, String head) {}

  Verification verify() {
    Head seen = database.read(handle -> base(handle, ""));
    Head claimed = database.read(handle -> head(handle, ""));
    long dropped = seen.sequence;
    while (seen.sequence < claimed.sequence) {
      List<Sealed> page = page(seen.sequence, claimed.sequence);
      if (page.isEmpty()) {
        return bad(claimed, seen.sequence + 1, "the entry is missing");
      }
      for (Sealed entry : page) {
        long expected = seen.sequence + 1;
        if (entry.entry.sequence() != expected) {
          return bad(claimed, expected, "the entry is missing");
        }
        byte[] hash = AuditChain.hash(seen.hash, expected, entry.entry);
        if (!Arrays.equals(hash, entry.hash)) {
          return bad(claimed, expected, "the entry is not what it was: its hash differs");
        }
        seen = new Head(expected, hash);
      }
    }
    return Arrays.equals(seen.hash, claimed.hash)
        ? new Verification(claimed.sequence - dropped, 0, "", hex(claimed))
        : bad(claimed, claimed.sequence, "the head is not that of the last entry");
  }

  private record Sealed(AuditEntry entry, byte[] hash) {}

  private List<Sealed> page(long after, long last) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "select * from audit_entries where sequence > :after and sequence <= :last"
                        + " order by sequence limit :limit")
                .bind("after", after)
                .bind("last", last)
                .bind("limit", BATCH)
                .map((row, c) -> new Sealed(AuditEntry.of(row), row.getBytes("hash")))
                .list());
  }

  private static Head head(Handle handle, String lock) {
    return handle
        .createQuery("select sequence, hash from audit_head" + lock)
        .map((row, c) -> new Head(row.getLong("sequence"), row.getBytes("hash")))
        .one();
  }

  /** What the chain begins behind. */
  private static Head base(Handle handle, String lock) {
    return handle
        .createQuery("select base_sequence, base_hash from audit_head" + lock)
        .map((row, c) -> new Head(row.getLong("base_sequence"), row.getBytes("base_hash")))
        .one();
  }

  private static Verification bad(Head head, long sequence, String problem) {
    return new Verification(head.sequence, sequence, problem, hex(head));
  }

  private static String hex(Head head) {
    return HexFormat.of().formatHex(head.hash);
  }
}
