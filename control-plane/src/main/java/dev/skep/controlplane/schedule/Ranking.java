package dev.skep.controlplane.schedule;

import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The workers that one requirement fits on, best first: a heap per zone, or one for all when zones
 * do not matter. Every change of a worker adds a new key; an old one is dropped when it comes up.
 * So a placement costs the same however many workers there are, and no worker with room is missed.
 */
final class Ranking {
  private static final int SLACK = 1024;

  private final Columns columns;
  private final Requirement needed;
  private final Strategy strategy;
  private final boolean warm;

  /** Workers that may be in it at all. */
  private final BitSet members;

  private final LongHeap[] heaps;
  private long seen;
  private int keys;
  private int[] aside = new int[16];
  private int asideCount;

  /** {@code warm}: the members are those that have the image. */
  Ranking(Columns columns, Requirement needed, Strategy strategy, boolean warm, BitSet members) {
    this.columns = columns;
    this.needed = needed;
    this.strategy = strategy;
    this.warm = warm;
    this.members = members;
    this.heaps = new LongHeap[strategy == Strategy.SPREAD ? columns.zones() : 1];
    Arrays.setAll(heaps, i -> new LongHeap());
    rebuild();
  }

  private void rebuild() {
    for (LongHeap heap : heaps) {
      heap.clear();
    }
    keys = 0;
    asideCount = 0;
    for (int i = members.nextSetBit(0); i >= 0; i = members.nextSetBit(i + 1)) {
      offer(i);
    }
    seen = columns.journal().end();
  }

  private void offer(int worker) {
    if (columns.fits(needed, worker)) {
      heaps[zone(worker)].add(key(worker));
      keys++;
    }
  }

  private int zone(int worker) {
    return strategy == Strategy.SPREAD ? columns.zone(worker) : 0;
  }

  private long key(int worker) {
    return Keys.of(strategy, columns, warm, worker);
  }

  /** To be called before each want: learns of what has changed, with what was set aside. */
  void begin() {
    for (int i = 0; i < asideCount; i++) {
      offer(aside[i]);
    }
    asideCount = 0;
    catchUp();
  }

  private void catchUp() {
    Journal journal = columns.journal();
    if (!journal.has(seen) || keys > 2 * columns.size() + SLACK) {
      rebuild();
      return;
    }
    for (; seen < journal.end(); seen++) {
      int worker = journal.at(seen);
      if (members.get(worker)) {
        offer(worker);
      }
    }
  }

  /** The best worker's key, or {@link LongHeap#NONE}. */
  long first(int zone) {
    LongHeap heap = heaps[zone];
    while (true) {
      long key = heap.first();
      if (key == LongHeap.NONE) {
        return key;
      }
      int worker = Keys.worker(key);
      if (key == key(worker) && columns.fits(needed, worker)) {
        return key;
      }
      drop(heap);
    }
  }

  private void drop(LongHeap heap) {
    heap.removeFirst();
    keys--;
  }

  /** The first one fits but is not wanted now. */
  void setFirstAside(int zone) {
    if (asideCount == aside.length) {
      aside = Arrays.copyOf(aside, asideCount * 2);
    }
    aside[asideCount++] = Keys.worker(heaps[zone].first());
    drop(heaps[zone]);
  }
}
