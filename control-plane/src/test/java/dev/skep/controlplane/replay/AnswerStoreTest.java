package dev.skep.controlplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.OneTransaction;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.MasterKey;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class AnswerStoreTest {
  private static final Answer ANSWER =
      new Answer(ByteString.copyFromUtf8("h".repeat(32)), ByteString.copyFromUtf8("a token"));

  private final TestDatabase test = TestDatabase.create();
  private final UserId user = new UserId(test.ids().get());
  private AnswerStore answers;
  private CallKey key;

  @BeforeEach
  void start(@TempDir Path directory) {
    var acme = test.addOrganization("acme");
    test.execute("insert into users (id, name) values (?, 'ada')", user.value());
    answers = new AnswerStore(test.database(), MasterKey.open(directory.resolve("master.key")));
    key = new CallKey(acme, user, "k");
  }

  @AfterEach
  void close() {
    test.close();
  }

  private void save(CallKey where) {
    test.database().useTransaction(h -> answers.save(h, where, ANSWER));
  }

  @Test
  void answersAreThereForADay() {
    assertThat(answers.find(key)).isEmpty();
    save(key);
    save(new CallKey(key.organization(), user, "younger"));
    assertThat(answers.find(key)).contains(ANSWER);

    test.execute(
        "update call_answers set created_at = now() - interval '24 h 1 s' where key = 'k'");
    assertThat(answers.find(key)).isEmpty();
    answers.dropOld();
    assertThat(test.list(String.class, "select key from call_answers")).containsExactly("younger");
    save(key);
    assertThat(answers.find(key)).contains(ANSWER);
  }

  @Test
  void anAnswerOpensOnlyInItsPlace() {
    save(key);
    test.execute("update call_answers set key = 'other'");

    assertThatThrownBy(() -> answers.find(new CallKey(key.organization(), user, "other")))
        .isInstanceOf(IllegalStateException.class);
  }

  /**
   * What {@code OneTransaction} promises: both or nothing, and reads that see what is not yet for
   * good.
   */
  @Test
  void aChangeAndItsAnswerAreOne() {
    var database = test.database();
    try (OneTransaction undone = database.one(h -> {})) {
      database.within(
          undone,
          () -> {
            rename("undone");
            assertThat(name()).isEqualTo("undone");
          });
    }
    assertThat(name()).isEqualTo("acme");

    StringBuilder told = new StringBuilder();
    try (OneTransaction done = database.one(h -> {})) {
      database.within(
          done,
          () -> {
            rename("first");
            rename("second");
            Database.afterCommit(() -> told.append(name()));
          });
      assertThat(told).isEmpty();
      database.commit(done, h -> answers.save(h, key, ANSWER));
    }
    assertThat(told).hasToString("second");
    assertThat(answers.find(key)).contains(ANSWER);
  }

  private void rename(String name) {
    test.database().useTransaction(h -> h.execute("update organizations set name = ?", name));
  }

  private String name() {
    return test.database()
        .read(h -> h.createQuery("select name from organizations").mapTo(String.class).one());
  }
}
