package dev.skep.simulation;

/**
 * How long a history is, and how much happens in it. Many beginnings find more than a few long
 * stories, and some things take their time.
 *
 * @param workers at most
 * @param trouble in seconds
 * @param moreServices at most so many after the first
 * @param creating milliseconds in which services are created
 * @param acts what people do with them
 */
record Length(int workers, Span trouble, int moreServices, int creating, Span acts, Span faults) {
  /** Hardly more than the beginning, with a fault or two. */
  private static final Length FLASH =
      new Length(2, new Span(2, 5), 0, 1_000, new Span(0, 1), new Span(1, 2));

  private static final Length BRIEF =
      new Length(3, new Span(5, 12), 1, 3_000, new Span(1, 3), new Span(1, 4));
  private static final Length LONG =
      new Length(4, new Span(10, 30), 3, 10_000, new Span(3, 8), new Span(5, 15));

  private static final int CYCLE = 16;
  private static final int BRIEF_OF_CYCLE = 6;

  /** Both ends included. */
  record Span(int from, int to) {
    int oneOf(Chance chance) {
      return chance.between(from, to);
    }
  }

  static Length of(long seed) {
    long turn = seed % CYCLE;
    if (turn == 0) {
      return LONG;
    }
    return turn <= BRIEF_OF_CYCLE ? BRIEF : FLASH;
  }

  /** Whether a lease may end in it. */
  boolean mayLease() {
    return equals(LONG);
  }
}
