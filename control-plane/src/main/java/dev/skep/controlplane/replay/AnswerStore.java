package dev.skep.controlplane.replay;

import com.google.protobuf.ByteString;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.pki.MasterKey;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** First answers, for a day. What is stored is sealed, because answers may hold tokens. */
final class AnswerStore {
  private static final Duration KEPT = Duration.ofHours(24);

  /** Beyond so many, the oldest go before their time. */
  private static final int MOST = 1_000_000;

  private static final int BATCH = 5_000;
  private static final int HASH_BYTES = 32;

  private static final String FIND =
      """
      select sealed from call_answers
      where organization_id = :organization and user_id = :user and key = :key
        and created_at > clock_timestamp() - :kept * interval '1 second'
      """;
  private static final String SAVE =
      """
      insert into call_answers (organization_id, user_id, key, sealed) values (:organization, :user, :key, :sealed)
      on conflict (organization_id, user_id, key) do update set sealed = excluded.sealed, created_at = now()
      """;
  private static final String DROP_OLD =
      """
      delete from call_answers where ctid = any (array(
        select ctid from call_answers where created_at < clock_timestamp() - :kept * interval '1 second' limit :batch))
      """;
  private static final String DROP_SURPLUS =
      """
      delete from call_answers where ctid = any (array(
        select ctid from call_answers order by created_at
        limit least(:batch, greatest(0, (select count(*) from call_answers) - :most))))
      """;

  private final Database database;
  private final MasterKey masterKey;

  AnswerStore(Database database, MasterKey masterKey) {
    this.database = database;
    this.masterKey = masterKey;
  }

  Optional<Answer> find(CallKey key) {
    return database.read(handle -> find(handle, key));
  }

  /** Like {@link #find}, after everybody else who is at it with this key. */
  Optional<Answer> findAlone(Handle handle, CallKey key) {
    handle
        .createQuery("select pg_advisory_xact_lock(hashtextextended(:key, 16))")
        .bind("key", context(key))
        .mapTo(String.class)
        .one();
    return find(handle, key);
  }

  private Optional<Answer> find(Handle handle, CallKey key) {
    return handle
        .createQuery(FIND)
        .bind("organization", key.organization().value())
        .bind("user", key.user().value())
        .bind("key", key.text())
        .bind("kept", KEPT.toSeconds())
        .mapTo(byte[].class)
        .findOne()
        .map(bytes -> masterKey.open(bytes, context(key)))
        .map(
            plain ->
                new Answer(
                    ByteString.copyFrom(plain, 0, HASH_BYTES),
                    ByteString.copyFrom(plain, HASH_BYTES, plain.length - HASH_BYTES)));
  }

  /** In the transaction of the change. */
  void save(Handle handle, CallKey key, Answer answer) {
    byte[] plain = answer.callHash().concat(answer.message()).toByteArray();
    handle
        .createUpdate(SAVE)
        .bind("organization", key.organization().value())
        .bind("user", key.user().value())
        .bind("key", key.text())
        .bind("sealed", masterKey.seal(plain, context(key)))
        .execute();
  }

  private static String context(CallKey key) {
    return "answer of " + key.organization() + " " + key.user() + " " + key.text();
  }

  void dropOld() {
    int dropped;
    do {
      dropped =
          database.inTransaction(
              handle ->
                  handle
                      .createUpdate(DROP_OLD)
                      .bind("kept", KEPT.toSeconds())
                      .bind("batch", BATCH)
                      .execute());
    } while (dropped == BATCH);
    do {
      dropped =
          database.inTransaction(
              handle ->
                  handle
                      .createUpdate(DROP_SURPLUS)
                      .bind("most", MOST)
                      .bind("batch", BATCH)
                      .execute());
    } while (dropped == BATCH);
  }
}
