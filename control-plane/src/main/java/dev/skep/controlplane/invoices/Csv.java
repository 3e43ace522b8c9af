package dev.skep.controlplane.invoices;

import java.nio.charset.StandardCharsets;

/** A table of RFC 4180. What people wrote is never a formula for a spreadsheet. */
final class Csv {
  private static final String FORMULA = "=+-@\t\r";

  private final StringBuilder text = new StringBuilder();
  private boolean begun;

  Csv(String... columns) {
    for (String column : columns) {
      own(column);
    }
    end();
  }

  /** A cell in somebody's words. */
  Csv text(String cell) {
    boolean formula = !cell.isEmpty() && FORMULA.indexOf(cell.charAt(0)) >= 0;
    return own(formula ? "'" + cell : cell);
  }

  /** A cell that is ours: a number, a time, a word of a list. */
  Csv own(Object cell) {
    if (begun) {
      text.append(',');
    }
    begun = true;
    String value = cell.toString();
    if (value.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')) {
      text.append('"').append(value.replace("\"", "\"\"")).append('"');
    } else {
      text.append(value);
    }
    return this;
  }

  /** Ends the row. */
  void end() {
    text.append("\r\n");
    begun = false;
  }

  byte[] bytes() {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
