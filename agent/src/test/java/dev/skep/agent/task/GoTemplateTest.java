package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class GoTemplateTest {
  private static final String[] PIECES = {
    "{",
    "{{",
    "}}",
    "}",
    "\"",
    "{{.Node.Hostname}}",
    " ",
    "-",
    "{{-",
    "-}}",
    "`",
    "\\",
    "a",
    "é",
    "\n"
  };

  @Test
  void everyTextMeansItself() {
    for (long seed = 0; seed < 20_000; seed++) {
      String text = text(new SplittableRandom(seed));
      assertThat(expand(GoTemplate.escape(text))).as("seed %d", seed).isEqualTo(text);
    }
  }

  @Test
  void openingIsQuoted() {
    assertThat(GoTemplate.escape("a{{b}}")).isEqualTo("a{{\"{{\"}}b}}");
  }

  private static String text(SplittableRandom random) {
    var text = new StringBuilder();
    int pieces = random.nextInt(12);
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  /** The part of text/template that can appear here: text, and actions that are one string. */
  private static String expand(String template) {
    var out = new StringBuilder();
    int at = 0;
    while (true) {
      int open = template.indexOf("{{", at);
      if (open < 0) {
        return out.append(template.substring(at)).toString();
      }
      out.append(template, at, open);
      String action = "{{\"{{\"}}";
      assertThat(template.startsWith(action, open)).as("only our action in %s", template).isTrue();
      out.append("{{");
      at = open + action.length();
    }
  }
}
