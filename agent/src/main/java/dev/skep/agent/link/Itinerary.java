package dev.skep.agent.link;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;

/**
 * Which control planes an agent knows and in which order it dials them: the one that was good last,
 * the others that are there in any order, so that a fleet spreads over them, those that were there
 * once and may be again, then those that only the machine's owner named. One that has just failed
 * comes last: it may be frozen, and answer neither yes nor no.
 */
final class Itinerary {
  private static final int MOST = 16;

  private Itinerary() {}

  /**
   * A new round.
   *
   * @param known as {@link #remembered}; the one that was good last comes first
   * @param present those that were there when this was last heard; empty when it never was
   * @param failed empty when none has
   */
  static List<String> round(
      List<String> known, List<String> present, String failed, Random random) {
    var others = new ArrayList<>(known.subList(Math.min(1, known.size()), known.size()));
    Collections.shuffle(others, random);
    var round = new LinkedHashSet<>(known.subList(0, Math.min(1, known.size())));
    others.stream().filter(present::contains).forEach(round::add);
    round.addAll(others);
    if (round.remove(failed)) {
      round.add(failed);
    }
    return List.copyOf(round);
  }

  /**
   * What to keep: the good one, all that are there, and those that were there before, because one
   * that is being restarted is not listed and may soon be the only one.
   */
  static List<String> remembered(List<String> before, List<String> present, String good) {
    if (present.isEmpty()) {
      return before;
    }
    var list = new LinkedHashSet<String>();
    if (present.contains(good)) {
      list.add(good);
    }
    list.addAll(present);
    list.addAll(before);
    return list.stream().limit(Math.max(MOST, present.size())).toList();
  }
}
