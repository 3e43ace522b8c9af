package dev.skep.controlplane.invoices;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PeriodTest {
  private static final Instant FIRST = Instant.parse("2027-11-17T05:00:00Z");

  @Test
  void anHourBelongsToTheMonthInWhichItBeginsThere() {
    Period march = Period.with(Instant.parse("2028-03-09T11:00:00Z"), ZoneId.of("Asia/Kolkata"));

    assertThat(march.month()).isEqualTo(YearMonth.of(2028, 3));
    // Midnight is at 18:30; the hour from 18:00 began in the month before.
    assertThat(march.start()).isEqualTo("2028-02-29T19:00:00Z");
    assertThat(march.end()).isEqualTo("2028-03-31T19:00:00Z");
  }

  @Test
  void inEveryTimeZoneEachHourIsInTheMonthInWhichItBegins() {
    for (String id : ZoneId.getAvailableZoneIds()) {
      ZoneId zone = ZoneId.of(id);
      Period period = Period.with(FIRST, zone);
      for (int i = 0; i < 30; i++) {
        assertThat(YearMonth.from(period.start().atZone(zone))).as(id).isEqualTo(period.month());
        assertThat(YearMonth.from(period.end().minus(1, ChronoUnit.HOURS).atZone(zone)))
            .as(id)
            .isEqualTo(period.month());
        Period next = Period.after(period.month(), period.end(), zone);
        assertThat(next.month()).as(id).isEqualTo(period.month().plusMonths(1));
        assertThat(YearMonth.from(next.start().atZone(zone))).as(id).isEqualTo(next.month());
        period = next;
      }
    }
  }

  @Test
  void periodsFollowEachOtherWhateverTheTimeZoneBecomes() {
    List<ZoneId> zones = ZoneId.getAvailableZoneIds().stream().sorted().map(ZoneId::of).toList();
    Random random = new Random(74);
    Period period = Period.with(FIRST, zones.getFirst());
    for (int i = 0; i < 1_000; i++) {
      ZoneId zone = zones.get(random.nextInt(zones.size()));
      Period next = Period.after(period.month(), period.end(), zone);
      assertThat(next.start()).isEqualTo(period.end());
      assertThat(next.end()).isEqualTo(next.end().truncatedTo(ChronoUnit.HOURS));
      assertThat(Duration.between(next.start(), next.end()))
          .isBetween(Duration.ofDays(26), Duration.ofDays(33));
      period = next;
    }
  }
}
