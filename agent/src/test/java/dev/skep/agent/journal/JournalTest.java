package dev.skep.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skep.agent.journal.Journal.Applied;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Network;
import dev.skep.agent.v1.Secret;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
  @TempDir private Path dir = Path.of(".");

  private static Assignment network(String id, long generation) {
    return Assignment.newBuilder()
        .setId("network/" + id)
        .setGeneration(generation)
        .setNetwork(Network.newBuilder().setNetworkId(id).setSubnet("10.0.0.0/24"))
        .build();
  }

  private static AssignmentSet complete(long revision, long epoch, Assignment... put) {
    return AssignmentSet.newBuilder()
        .setKind(AssignmentSet.Kind.KIND_COMPLETE)
        .setResultsIn(revision)
        .setLeaderEpoch(epoch)
        .addAllPut(List.of(put))
        .build();
  }

  private static AssignmentSet.Builder incremental(long from, long to) {
    return AssignmentSet.newBuilder()
        .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
        .setAppliesTo(from)
        .setResultsIn(to)
        .setLeaderEpoch(1);
  }

  @Test
  void whatWasAppliedIsThereAfterARestart() {
    Journal.open(dir).apply(complete(5, 3, network("a", 1), network("b", 1)));
    var plan = Journal.open(dir).plan();
    assertThat(plan.revision()).isEqualTo(5);
    assertThat(plan.leaderEpoch()).isEqualTo(3);
    assertThat(plan.complete()).isTrue();
    assertThat(plan.ownsCluster()).isTrue();
    assertThat(plan.objects()).containsOnlyKeys("network/a", "network/b");
  }

  @Test
  void changesAndRemovalsAreNamed() {
    var journal = Journal.open(dir);
    journal.apply(complete(1, 1, network("a", 1), network("b", 1)));
    var applied =
        journal.apply(incremental(1, 2).addPut(network("a", 2)).addRemove("network/b").build());
    assertThat(applied).isEqualTo(new Applied.Changed(Set.of("network/a", "network/b")));
    assertThat(Journal.open(dir).plan().gone()).containsExactly("network/b");
    journal.removed("network/b");
    assertThat(Journal.open(dir).plan().gone()).isEmpty();
  }

  @Test
  void gapAsksForEverythingAndChangesNothing() {
    var journal = Journal.open(dir);
    journal.apply(complete(1, 1, network("a", 1)));
    assertThat(journal.apply(incremental(7, 8).addRemove("network/a").build()))
        .isEqualTo(new Applied.Gap(7, 1));
    assertThat(journal.plan().objects()).containsOnlyKeys("network/a");
  }

  @Test
  void deposedLeaderIsIgnored() {
    var journal = Journal.open(dir);
    journal.apply(complete(1, 5, network("a", 1)));
    assertThat(journal.apply(complete(9, 4))).isEqualTo(new Applied.Stale(4, 5));
    assertThat(journal.plan().revision()).isEqualTo(1);
  }

  @Test
  void olderGenerationDoesNotTakeAnObjectBack() {
    var journal = Journal.open(dir);
    journal.apply(complete(1, 1, network("a", 5)));
    journal.apply(incremental(1, 2).addPut(network("a", 4)).build());
    journal.apply(complete(3, 1, network("a", 3)));
    assertThat(journal.plan().objects().get("network/a"))
        .isNotNull()
        .satisfies(d -> assertThat(d.generation()).isEqualTo(5));
  }

  @Test
  void fileThatIsCutOffAnywhereIsSetAsideAndRemovesNothing() throws IOException {
    Journal.open(dir).apply(complete(1, 1, network("a", 1)));
    var whole = Files.readAllBytes(dir.resolve("assignments"));
    for (int length = 0; length < whole.length; length++) {
      Files.write(dir.resolve("assignments"), java.util.Arrays.copyOf(whole, length));
      var plan = Journal.open(dir).plan();
      assertThat(plan.complete()).as("cut at %d", length).isFalse();
      assertThat(plan.ownsCluster()).isFalse();
      assertThat(dir.resolve("assignments.damaged")).exists();
    }
  }

  @Test
  void flippedBitIsNoticed() throws IOException {
    Journal.open(dir).apply(complete(1, 1, network("a", 1)));
    try (var file = new RandomAccessFile(dir.resolve("assignments").toFile(), "rw")) {
      file.seek(file.length() - 3);
      int old = file.read();
      file.seek(file.length() - 3);
      file.write(old ^ 1);
    }
    assertThat(Journal.open(dir).plan().complete()).isFalse();
  }

  @Test
  void halfWrittenSuccessorIsNotRead() throws IOException {
    Journal.open(dir).apply(complete(1, 1, network("a", 1)));
    Files.write(dir.resolve("assignments.new"), new byte[] {1, 2, 3});
    var journal = Journal.open(dir);
    assertThat(journal.plan().revision()).isEqualTo(1);
    journal.apply(incremental(1, 2).build());
    assertThat(Journal.open(dir).plan().revision()).isEqualTo(2);
  }

  private static Assignment placement(String id, String secret) {
    var placement = Assignment.newBuilder().setId("placement/" + id).setGeneration(1);
    placement
        .getPlacementBuilder()
        .getWorkloadBuilder()
        .putEnv("PASSWORD", "hunter2-canary")
        .addSecretFilesBuilder()
        .setObjectName(secret);
    return placement.build();
  }

  private static Assignment secret(String name) {
    return Assignment.newBuilder()
        .setId("secret/" + name)
        .setGeneration(1)
        .setSecret(
            Secret.newBuilder()
                .setObjectName(name)
                .setValue(ByteString.copyFromUtf8("hunter2-canary")))
        .build();
  }

  @Test
  void valuesAreInNoFileInTheClearAndAreThereAfterARestart() throws IOException {
    Journal.open(dir).apply(complete(1, 1, placement("a", "s"), secret("s")));

    try (var files = Files.list(dir)) {
      assertThat(files.toList())
          .isNotEmpty()
          .allSatisfy(
              f ->
                  assertThat(Files.readString(f, StandardCharsets.ISO_8859_1))
                      .doesNotContain("hunter2"));
    }
    assertThat(Journal.open(dir).plan().sources())
        .containsEntry("secret/s", secret("s"))
        .containsEntry("placement/a", placement("a", "s"));
  }

  @Test
  void withoutItsKeyTheJournalIsAskedForAgain() throws IOException {
    Journal.open(dir).apply(complete(1, 1, network("a", 1)));
    Files.delete(dir.resolve("journal.key"));

    assertThat(Journal.open(dir).plan().complete()).isFalse();
    assertThat(dir.resolve("assignments.damaged")).exists();
    Journal.open(dir).apply(complete(2, 1, network("a", 1)));
    assertThat(Journal.open(dir).plan().revision()).isEqualTo(2);
  }

  @Test
  void whatAnOlderAgentLeftOpenIsReadAndSealed() throws IOException {
    var set = complete(4, 1, placement("a", "s"), secret("s"));
    new DurableFile(dir.resolve("assignments")).write(set.toByteArray());

    assertThat(Journal.open(dir).plan().revision()).isEqualTo(4);

    assertThat(Files.readString(dir.resolve("assignments"), StandardCharsets.ISO_8859_1))
        .doesNotContain("hunter2");
    assertThat(Journal.open(dir).plan().revision()).isEqualTo(4);
  }

  @Test
  void secretsGoWithTheLastPlacementThatNamesThem() {
    var journal = Journal.open(dir);
    journal.apply(complete(1, 1, placement("a", "s"), placement("b", "s"), secret("s")));

    journal.apply(incremental(1, 2).addRemove("placement/a").build());
    assertThat(journal.plan().objects()).containsKey("secret/s");
    journal.apply(incremental(2, 3).addPut(placement("b", "t")).addPut(secret("t")).build());

    assertThat(journal.plan().objects()).containsOnlyKeys("placement/b", "secret/t");
    assertThat(journal.plan().gone()).contains("secret/s");
  }

  @Test
  void onlyTheOwnerReadsAndOneAgentWrites() throws IOException {
    Journal.open(dir).apply(complete(1, 1));
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(dir.resolve("assignments"))))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(dir.resolve("journal.key"))))
        .isEqualTo("rw-------");
    try (var mine = DataDir.lock(dir.resolve("d")).orElseThrow()) {
      assertThat(DataDir.lock(mine.path())).isEmpty();
    }
    DataDir.lock(dir.resolve("d")).orElseThrow().close();
  }
}
