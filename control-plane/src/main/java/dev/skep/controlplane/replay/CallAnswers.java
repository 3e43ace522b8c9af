package dev.skep.controlplane.replay;

import com.google.protobuf.ByteString;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.OneTransaction;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.pki.MasterKey;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Answers of calls that carry a key. What a call changes and its answer are written in one
 * transaction, so that the same call again, whatever happened to the first one, finds both or
 * neither.
 */
public final class CallAnswers {
  /** What the key of a call is called, as a header. */
  public static final String KEY = "idempotency-key";

  private final Database database;
  private final AnswerStore store;

  public CallAnswers(Database database, MasterKey masterKey) {
    this.database = database;
    this.store = new AnswerStore(database, masterKey);
  }

  /**
   * Does work on this thread, unless it was done already.
   *
   * @param callHash of what is asked
   * @param answer what came of the work; empty when it was refused, which changes nothing
   * @return the first answer, when the work was not done
   * @throws Refusal IDEMPOTENCY_KEY_REUSED when the key was for something else
   */
  public Optional<ByteString> once(
      CallKey key, ByteString callHash, Runnable work, Supplier<Optional<ByteString>> answer) {
    Optional<Answer> earlier = store.find(key).or(() -> perform(key, callHash, work, answer));
    earlier
        .filter(found -> !found.callHash().equals(callHash))
        .ifPresent(
            other -> {
              throw reused("was used for another call in the last 24 hours; choose a new one");
            });
    return earlier.map(Answer::message);
  }

  private Optional<Answer> perform(
      CallKey key, ByteString callHash, Runnable work, Supplier<Optional<ByteString>> answer) {
    AtomicReference<Optional<Answer>> meanwhile = new AtomicReference<>(Optional.empty());
    try (OneTransaction one = database.one(handle -> lookAgain(handle, key, meanwhile))) {
      database.within(one, work);
      if (meanwhile.get().isEmpty()) {
        answer
            .get()
            .ifPresent(
                message ->
                    database.commit(
                        one, handle -> store.save(handle, key, new Answer(callHash, message))));
      }
    }
    return meanwhile.get();
  }

  /** Somebody else may have been at it with the same key; then nothing is changed. */
  private void lookAgain(Handle handle, CallKey key, AtomicReference<Optional<Answer>> meanwhile) {
    meanwhile.set(store.findAlone(handle, key));
    if (meanwhile.get().isPresent()) {
      throw reused("was used a moment ago");
    }
  }

  private static Refusal reused(String how) {
    return Refusal.ofField(Reason.IDEMPOTENCY_KEY_REUSED, KEY, how);
  }

  /** Can be called at any time, by any control plane. */
  public void dropOld() {
    store.dropOld();
  }
}
