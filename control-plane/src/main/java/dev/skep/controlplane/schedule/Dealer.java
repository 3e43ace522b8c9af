package dev.skep.controlplane.schedule;

import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.util.Arrays;
import java.util.List;

/** Deals the replicas of a want out, one after the other, each to the best worker left. */
final class Dealer {
  private final Columns columns;
  private final Tally tally;

  /** Workers that have a replica of the service and room for more, by zone. */
  private final LongHeap[] again;

  /** The best key of each zone. */
  private final long[] best;

  Dealer(Columns columns, Tally tally) {
    this.columns = columns;
    this.tally = tally;
    this.again = new LongHeap[columns.zones()];
    this.best = new long[columns.zones()];
    Arrays.setAll(again, i -> new LongHeap());
  }

  /**
   * Takes and counts what there is room for.
   *
   * @param rankings of all workers that fit, and of those that have the image, if any has
   * @return replicas that no worker takes
   */
  int deal(Want want, Hosts hosts, List<Ranking> rankings) {
    for (int i = 0; i < rankings.size(); i++) {
      rankings.get(i).begin();
    }
    return want.strategy() == Strategy.SPREAD
        ? spread(want, hosts, rankings)
        : pack(want, rankings);
  }

  private int spread(Want want, Hosts hosts, List<Ranking> rankings) {
    for (LongHeap heap : again) {
      heap.clear();
    }
    for (int i = 0; i < tally.touchedCount(); i++) {
      int worker = tally.touched(i);
      if (hosts.all().get(worker)) {
        offerAgain(want, hosts, worker);
      }
    }
    for (int zone = 0; zone < best.length; zone++) {
      best[zone] = best(zone, rankings);
    }
    int missing = want.count();
    while (missing > 0) {
      int zone = bestZone();
      long key = best[zone];
      if (key == LongHeap.NONE) {
        return missing;
      }
      if (key == again[zone].first()) {
        again[zone].removeFirst();
      }
      int worker = Keys.worker(key);
      take(want, worker, 1);
      missing--;
      if (missing > 0) {
        offerAgain(want, hosts, worker);
        best[zone] = best(zone, rankings);
      }
    }
    return 0;
  }

  private void offerAgain(Want want, Hosts hosts, int worker) {
    int ofService = tally.ofService(worker);
    if (ofService < want.limit() && columns.fits(want.requirement(), worker)) {
      boolean warm = hosts.warm().get(worker);
      again[columns.zone(worker)].add(
          Keys.spread(ofService, columns.replicas(worker), warm, worker));
    }
  }

  /** The zone with the fewest replicas of the service, then the one with the best worker. */
  private int bestZone() {
    int chosen = 0;
    for (int zone = 1; zone < best.length; zone++) {
      if (best[zone] != LongHeap.NONE && (best[chosen] == LongHeap.NONE || before(zone, chosen))) {
        chosen = zone;
      }
    }
    return chosen;
  }

  private boolean before(int zone, int other) {
    int difference = tally.inZone(zone) - tally.inZone(other);
    return difference < 0 || (difference == 0 && best[zone] < best[other]);
  }

  private long best(int zone, List<Ranking> rankings) {
    long key = again[zone].first();
    for (int i = 0; i < rankings.size(); i++) {
      key = Math.min(key, first(rankings.get(i), zone, 1));
    }
    return key;
  }

  /** The first worker with fewer than so many replicas of the service. */
  private long first(Ranking ranking, int zone, int limit) {
    while (true) {
      long key = ranking.first(zone);
      if (key == LongHeap.NONE || tally.ofService(Keys.worker(key)) < limit) {
        return key;
      }
      ranking.setFirstAside(zone);
    }
  }

  /** A worker takes as many as it has room for: while it has, it is the fullest. */
  private int pack(Want want, List<Ranking> rankings) {
    int missing = want.count();
    while (missing > 0) {
      long key = LongHeap.NONE;
      for (int i = 0; i < rankings.size(); i++) {
        key = Math.min(key, first(rankings.get(i), 0, want.limit()));
      }
      if (key == LongHeap.NONE) {
        return missing;
      }
      int worker = Keys.worker(key);
      int most = Math.min(missing, want.limit() - tally.ofService(worker));
      int taken = columns.room(want.requirement(), worker, most);
      take(want, worker, taken);
      missing -= taken;
    }
    return 0;
  }

  private void take(Want want, int worker, int count) {
    Requirement needed = want.requirement();
    columns.take(worker, needed.each(), needed.hostPorts(), count);
    tally.add(worker, count);
  }
}
