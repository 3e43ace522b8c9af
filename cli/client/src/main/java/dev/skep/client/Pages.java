package dev.skep.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads every page of a list. */
public final class Pages {
  /** Largest page that the control plane gives. */
  public static final int SIZE = 200;

  private static final int MOST_PAGES = 500;

  private Pages() {}

  /**
   * Calls {@code page} with each token in turn.
   *
   * @param next the token of the page after this one, empty on the last
   */
  public static <P> List<P> readAll(Function<String, P> page, Function<P, String> next) {
    var pages = new ArrayList<P>();
    var token = "";
    do {
      var read = page.apply(token);
      pages.add(read);
      token = next.apply(read);
    } while (!token.isEmpty() && pages.size() < MOST_PAGES);
    return pages;
  }
}
