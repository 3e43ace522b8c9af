package dev.skep.controlplane.schedule;

/**
 * Workers on which something was taken or given back, in order. Bounded: who has not looked for too
 * long has lost its place and starts anew.
 */
final class Journal {
  private final int[] workers;
  private long start;
  private int length;

  Journal(int capacity) {
    this.workers = new int[capacity];
  }

  void add(int worker) {
    if (length == workers.length) {
      start += length;
      length = 0;
    }
    workers[length++] = worker;
  }

  long end() {
    return start + length;
  }

  boolean has(long position) {
    return position >= start;
  }

  int at(long position) {
    return workers[(int) (position - start)];
  }
}
