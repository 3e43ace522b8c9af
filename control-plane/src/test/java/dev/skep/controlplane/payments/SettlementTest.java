package dev.skep.controlplane.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SettlementTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final UUID WISH = new UUID(0, 7);

  @Test
  void aRefundByHandThatIsAsLargeAsOurOpenWishIsThatWish() {
    Reversal asked = wish(Reversal.State.ASKED, null);
    Seen.Back first = back("re_1", 4, null);
    Seen.Back second = back("re_2", 4, null);

    assertThat(steps(asked, first, second))
        .containsExactly(
            new Settlement.Step.Confirm(asked, "re_1"), new Settlement.Step.Take(second));
    assertThat(steps(asked, back("re_1", 3, null)))
        .containsExactly(new Settlement.Step.Take(back("re_1", 3, null)));
  }

  @Test
  void whatIsMarkedAsOursCountsOnceForEachReference() {
    Reversal done = wish(Reversal.State.DONE, "re_1");

    assertThat(steps(done, back("re_1", 4, WISH))).isEmpty();
    assertThat(steps(done, back("re_2", 4, WISH)))
        .as("it was made twice, and both are gone")
        .containsExactly(new Settlement.Step.Take(back("re_2", 4, WISH)));
  }

  @Test
  void whatCameBackIsNotTakenAgainByWhoSawItEarlier() {
    Reversal undone = wish(Reversal.State.UNDONE, "re_1");

    assertThat(steps(undone, back("re_1", 4, null))).isEmpty();
  }

  private static List<Settlement.Step> steps(Reversal known, Seen.Back... backs) {
    Money ten = new Money(10, "EUR");
    Payment payment =
        new Payment(
            new UUID(0, 1),
            new OrganizationId(new UUID(0, 2)),
            Provider.STRIPE,
            "cs_1",
            "pi_1",
            ten,
            Payment.State.PAID,
            known.state() == Reversal.State.UNDONE ? 0 : 4,
            0,
            "",
            "",
            "ada",
            NOW,
            NOW,
            NOW,
            1L);
    return Settlement.of(
        payment, List.of(known), "EUR", Seen.paid("pi_1", ten, List.of(backs)), NOW);
  }

  private static Reversal wish(Reversal.State state, @Nullable String reference) {
    return new Reversal(WISH, Reversal.Kind.REFUND, reference, 4, state, "", "ada", NOW, 2);
  }

  private static Seen.Back back(String reference, long micros, @Nullable UUID ours) {
    return new Seen.Back(reference, Reversal.Kind.REFUND, new Money(micros, "EUR"), true, ours);
  }
}
