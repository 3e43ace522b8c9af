package dev.skep.cli.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Columns of text that fit a terminal: the widest cells that may shrink are cut first. */
public final class Table {
  private static final int SMALLEST = 6;
  private static final String GAP = "  ";

  private final List<String> headings;
  private final boolean[] shrinks;
  private final List<List<String>> rows = new ArrayList<>();

  private Table(List<String> headings, boolean[] shrinks) {
    this.headings = headings;
    this.shrinks = shrinks;
  }

  /** Column headings; one that ends with {@code ~} may be cut to make the table fit. */
  public static Table of(String... headings) {
    var shrinks = new boolean[headings.length];
    IntStream.range(0, headings.length).forEach(i -> shrinks[i] = headings[i].endsWith("~"));
    return new Table(Arrays.stream(headings).map(h -> h.replace("~", "")).toList(), shrinks);
  }

  public Table row(String... cells) {
    rows.add(Arrays.stream(cells).map(Terminal::safe).toList());
    return this;
  }

  public String render(int width) {
    var widths = naturalWidths();
    shrink(widths, width);
    var text = new StringBuilder();
    appendLine(text, headings, widths);
    rows.forEach(row -> appendLine(text, row, widths));
    return text.toString();
  }

  private int[] naturalWidths() {
    return IntStream.range(0, headings.size())
        .map(
            column ->
                IntStream.concat(
                        IntStream.of(headings.get(column).length()),
                        rows.stream().mapToInt(row -> row.get(column).length()))
                    .max()
                    .orElse(0))
        .toArray();
  }

  private void shrink(int[] widths, int width) {
    int excess = IntStream.of(widths).sum() + GAP.length() * (widths.length - 1) - width;
    for (int widest = widest(widths); excess > 0 && widest >= 0; widest = widest(widths)) {
      widths[widest]--;
      excess--;
    }
  }

  private int widest(int[] widths) {
    return IntStream.range(0, widths.length)
        .filter(i -> shrinks[i] && widths[i] > Math.max(SMALLEST, headings.get(i).length()))
        .boxed()
        .max((a, b) -> Integer.compare(widths[a], widths[b]))
        .orElse(-1);
  }

  private static void appendLine(StringBuilder text, List<String> cells, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      var cell = cut(cells.get(i), widths[i]);
      line.append(cell).append(" ".repeat(widths[i] - cell.length())).append(GAP);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static String cut(String text, int width) {
    return text.length() <= width ? text : text.substring(0, width - 1) + "…";
  }
}
