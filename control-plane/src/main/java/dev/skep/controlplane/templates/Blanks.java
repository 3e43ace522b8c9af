package dev.skep.controlplane.templates;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with variables: a name in braces after a dollar. Two dollars before a brace escape it. */
record Blanks(List<Piece> pieces) {
  private static final Pattern SPECIAL =
      Pattern.compile("\\$\\$\\{|\\$\\{(?:(?<name>[A-Z][A-Z0-9_]*)})?");

  /** A run of a text. */
  sealed interface Piece {
    /** Characters that stand for themselves. */
    record Plain(String text) implements Piece {}

    /** A variable. */
    record Blank(String variable) implements Piece {}

    /** What begins like a variable and is none. */
    record Broken(String text) implements Piece {}
  }

  static Blanks of(String text) {
    List<Piece> pieces = new ArrayList<>();
    Matcher found = SPECIAL.matcher(text);
    int from = 0;
    while (found.find()) {
      plain(text.substring(from, found.start()), pieces);
      from = found.end();
      if (found.group().startsWith("$$")) {
        pieces.add(new Piece.Plain("${"));
      } else if (found.group("name") != null) {
        pieces.add(new Piece.Blank(found.group("name")));
      } else {
        pieces.add(new Piece.Broken(text.substring(found.start())));
        return new Blanks(pieces);
      }
    }
    plain(text.substring(from), pieces);
    return new Blanks(pieces);
  }

  private static void plain(String text, List<Piece> pieces) {
    if (!text.isEmpty()) {
      pieces.add(new Piece.Plain(text));
    }
  }

  List<String> variables() {
    List<String> variables = new ArrayList<>();
    for (Piece piece : pieces) {
      if (piece instanceof Piece.Blank(String variable)) {
        variables.add(variable);
      }
    }
    return variables;
  }

  boolean broken() {
    return pieces.stream().anyMatch(Piece.Broken.class::isInstance);
  }

  /** Whether it is one variable and nothing else. */
  boolean isOne() {
    return pieces.size() == 1 && pieces.getFirst() instanceof Piece.Blank;
  }

  String fill(UnaryOperator<String> value) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      text.append(
          switch (piece) {
            case Piece.Plain(String plain) -> plain;
            case Piece.Broken(String broken) -> broken;
            case Piece.Blank(String variable) -> value.apply(variable);
          });
    }
    return text.toString();
  }
}
