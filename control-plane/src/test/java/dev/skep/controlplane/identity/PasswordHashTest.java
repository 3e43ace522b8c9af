package dev.skep.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PasswordHashTest {
  private static final HashingCost CHEAP = new HashingCost(32, 1, 1);

  /** From the tests of the reference implementation. */
  @Test
  void isArgon2id() {
    PasswordHash hash =
        PasswordHash.of(
            "password", new HashingCost(256, 2, 1), "somesalt".getBytes(StandardCharsets.UTF_8));

    assertThat(HexFormat.of().formatHex(hash.hash()))
        .isEqualTo("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  }

  @Test
  void whatIsStoredCanBeComputedAgain() {
    Hashing hashing = new Hashing(HashingCost.FLOOR, 1);
    String stored = hashing.hash("tin soldiers marching home").phc();
    Optional<PasswordHash> read = Optional.of(PasswordHash.parse(stored));

    assertThat(stored).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").hasSize(97);
    assertThat(hashing.matches("tin soldiers marching home", read)).isTrue();
    assertThat(hashing.matches("tin soldiers marching hom", read)).isFalse();
    assertThat(hashing.hash("tin soldiers marching home").phc())
        .as("two hashes of one password are different")
        .isNotEqualTo(stored);
  }

  @Test
  void everyCharacterCountsUpToTheLast() {
    Hashing hashing = new Hashing(CHEAP, 1);
    String longest = "x".repeat(127);
    Optional<PasswordHash> stored = Optional.of(hashing.hash(longest + "a"));

    assertThat(hashing.matches(longest + "a", stored)).isTrue();
    assertThat(hashing.matches(longest + "b", stored)).isFalse();
  }

  @Test
  void theSameLettersAreTheSameHoweverTheyAreTyped() {
    Hashing hashing = new Hashing(CHEAP, 1);

    assertThat(
            hashing.matches("caf\u00e9 au lait", Optional.of(hashing.hash("cafe\u0301 au lait"))))
        .isTrue();
  }

  @Test
  void nobodyHasNoPassword() {
    Hashing hashing = new Hashing(CHEAP, 1);

    assertThat(hashing.matches("", Optional.empty())).isFalse();
    assertThat(hashing.matches("anything at all", Optional.empty())).isFalse();
  }

  @Test
  void aHashThatCostsLessThanTodayIsOutdated() {
    Hashing hashing = new Hashing(new HashingCost(64, 2, 1), 1);

    assertThat(hashing.isOutdated(new Hashing(CHEAP, 1).hash("p"))).isTrue();
    assertThat(hashing.isOutdated(hashing.hash("p"))).isFalse();
  }

  @Test
  void nobodySetsACostBelowTheFloor() {
    assertThat(HashingCost.configured("m=65536,t=3,p=2")).isEqualTo(new HashingCost(65_536, 3, 2));
    for (String wrong :
        new String[] {"m=19455,t=2,p=1", "m=19456,t=1,p=1", "m=9999999,t=2,p=1", "19456", ""}) {
      assertThatThrownBy(() -> HashingCost.configured(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
