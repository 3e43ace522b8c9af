package dev.skep.agent.link;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;

/**
 * In which order control planes are dialled: the one that was good last, the others in any order,
 * so that a fleet spreads over them, then those that only the machine's owner named. One that has
 * just failed comes last: it may be frozen, and answer neither yes nor no.
 */
final class Itinerary {
  private Itinerary() {}

  /**
   * A new round.
   *
   * @param known the one that was good last comes first
   * @param failed empty when none has
   */
  static List<String> round(
      List<String> known, List<String> configured, String failed, Random random) {
    var others = new ArrayList<>(known.subList(Math.min(1, known.size()), known.size()));
    Collections.shuffle(others, random);
    var round = new LinkedHashSet<>(known.subList(0, Math.min(1, known.size())));
    round.addAll(others);
    round.addAll(configured);
    if (round.remove(failed)) {
      round.add(failed);
    }
    return List.copyOf(round);
  }

  /** What to remember: all that are there, the good one first. */
  static List<String> remembered(List<String> present, String good) {
    var list = new LinkedHashSet<String>();
    if (present.contains(good)) {
      list.add(good);
    }
    list.addAll(present);
    return List.copyOf(list);
  }
}
