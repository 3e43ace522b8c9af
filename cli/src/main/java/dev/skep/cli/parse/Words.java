package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import java.util.ArrayList;
import java.util.List;

/** Splits a command line into words as a POSIX shell does, without expanding anything. */
public final class Words {
  private final String text;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private char quote;

  private Words(String text) {
    this.text = text;
  }

  public static List<String> split(String text) {
    return new Words(text).split();
  }

  private List<String> split() {
    for (int i = 0; i < text.length(); i++) {
      i += take(text.charAt(i), i);
    }
    if (quote != 0) {
      throw CliException.usage("a quote is not closed in: " + text);
    }
    endWord();
    return List.copyOf(words);
  }

  /** Takes one character; answers how many more were used. */
  private int take(char c, int at) {
    if (c == '\\' && quote != '\'' && at + 1 < text.length()) {
      append(text.charAt(at + 1));
      return 1;
    }
    if (quote != 0) {
      takeQuoted(c);
    } else if (c == '\'' || c == '"') {
      quote = c;
      inWord = true;
    } else if (Character.isWhitespace(c)) {
      endWord();
    } else {
      append(c);
    }
    return 0;
  }

  private void takeQuoted(char c) {
    if (c == quote) {
      quote = 0;
    } else {
      append(c);
    }
  }

  private void append(char c) {
    word.append(c);
    inWord = true;
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }
}
