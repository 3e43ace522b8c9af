package dev.skep.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ItineraryTest {
  private static final List<String> KNOWN = List.of("a:1", "b:1", "c:1");

  @Test
  void theOneThatWasGoodComesFirstAndTheOthersInAnyOrder() {
    var rounds = new HashSet<List<String>>();
    var random = new Random(1);
    IntStream.range(0, 50).forEach(seed -> rounds.add(Itinerary.round(KNOWN, KNOWN, "", random)));

    assertThat(rounds)
        .containsExactlyInAnyOrder(List.of("a:1", "b:1", "c:1"), List.of("a:1", "c:1", "b:1"));
  }

  @Test
  void theOneThatFailedComesLast() {
    assertThat(Itinerary.round(KNOWN, KNOWN, "a:1", new Random(1))).hasSize(3).endsWith("a:1");
    assertThat(Itinerary.round(List.of("a:1"), List.of(), "a:1", new Random(1)))
        .containsExactly("a:1");
    assertThat(Itinerary.round(List.of(), List.of(), "gone:1", new Random(1))).isEmpty();
  }

  @Test
  void thoseThatAreThereComeBeforeThoseThatWere() {
    assertThat(Itinerary.round(KNOWN, List.of("a:1", "c:1"), "", new Random(1)))
        .containsExactly("a:1", "c:1", "b:1");
  }

  @Test
  void theGoodOneIsRememberedFirstAndOneThatIsAwayNotForgotten() {
    assertThat(Itinerary.remembered(List.of(), KNOWN, "c:1")).containsExactly("c:1", "a:1", "b:1");
    assertThat(Itinerary.remembered(List.of(), KNOWN, "proxy:1")).isEqualTo(KNOWN);
    assertThat(Itinerary.remembered(KNOWN, List.of("b:1"), "b:1"))
        .containsExactly("b:1", "a:1", "c:1");
    assertThat(Itinerary.remembered(KNOWN, List.of(), "a:1")).isEqualTo(KNOWN);
  }

  @Test
  void whatIsRememberedHasALimit() {
    var many = IntStream.range(0, 100).mapToObj(i -> "old-" + i + ":1").toList();
    assertThat(Itinerary.remembered(many, KNOWN, "a:1"))
        .hasSize(16)
        .startsWith("a:1", "b:1", "c:1");
    assertThat(Itinerary.remembered(KNOWN, many, "a:1")).isEqualTo(many);
  }
}
