package dev.skep.controlplane.schedule;

import java.util.Arrays;

/** Longs, the smallest first. Four children to a parent: half as deep as with two. */
final class LongHeap {
  /** Greater than every key. */
  static final long NONE = Long.MAX_VALUE;

  private static final int CHILDREN = 4;

  private long[] keys = new long[16];
  private int size;

  long first() {
    return size == 0 ? NONE : keys[0];
  }

  void clear() {
    size = 0;
  }

  void add(long key) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
    }
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) / CHILDREN;
      if (keys[parent] <= key) {
        break;
      }
      keys[at] = keys[parent];
      at = parent;
    }
    keys[at] = key;
  }

  void removeFirst() {
    long key = keys[--size];
    int at = 0;
    while (true) {
      int child = smallestChild(at);
      if (child < 0 || keys[child] >= key) {
        break;
      }
      keys[at] = keys[child];
      at = child;
    }
    keys[at] = key;
  }

  private int smallestChild(int parent) {
    int from = parent * CHILDREN + 1;
    if (from >= size) {
      return -1;
    }
    int smallest = from;
    int end = Math.min(from + CHILDREN, size);
    for (int child = from + 1; child < end; child++) {
      if (keys[child] < keys[smallest]) {
        smallest = child;
      }
    }
    return smallest;
  }
}
