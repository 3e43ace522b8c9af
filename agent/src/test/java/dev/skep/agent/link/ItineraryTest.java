package dev.skep.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ItineraryTest {
  private static final List<String> KNOWN = List.of("a:1", "b:1", "c:1");

  @Test
  void theOneThatWasGoodComesFirstAndTheOthersInAnyOrder() {
    var rounds = new HashSet<List<String>>();
    var random = new Random(1);
    IntStream.range(0, 50)
        .forEach(seed -> rounds.add(Itinerary.round(KNOWN, List.of(), "", random)));

    assertThat(rounds)
        .containsExactlyInAnyOrder(List.of("a:1", "b:1", "c:1"), List.of("a:1", "c:1", "b:1"));
  }

  @Test
  void theOneThatFailedComesLast() {
    assertThat(Itinerary.round(KNOWN, List.of("d:1"), "a:1", new Random(1)))
        .hasSize(4)
        .endsWith("a:1");
    assertThat(Itinerary.round(List.of("a:1"), List.of(), "a:1", new Random(1)))
        .containsExactly("a:1");
  }

  @Test
  void whatTheOwnerNamedIsTriedAfterTheOthersAndOnce() {
    assertThat(Itinerary.round(KNOWN, List.of("b:1", "d:1"), "", new Random(1)))
        .hasSize(4)
        .endsWith("d:1");
    assertThat(Itinerary.round(List.of(), List.of("d:1"), "gone:1", new Random(1)))
        .containsExactly("d:1");
  }

  @Test
  void theGoodOneIsRememberedFirstWhenItIsListed() {
    assertThat(Itinerary.remembered(KNOWN, "c:1")).containsExactly("c:1", "a:1", "b:1");
    assertThat(Itinerary.remembered(KNOWN, "proxy:1")).isEqualTo(KNOWN);
    assertThat(Set.copyOf(Itinerary.remembered(KNOWN, "b:1"))).isEqualTo(Set.copyOf(KNOWN));
  }
}
