package dev.skep.controlplane.templates;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BlanksTest {
  private static String fill(String text) {
    return Blanks.of(text).fill(name -> "<" + name + ">");
  }

  @Test
  void variablesAreFilledAndTheRestIsItself() {
    assertThat(fill("a ${X} b ${LONG_2}${X}")).isEqualTo("a <X> b <LONG_2><X>");
    assertThat(fill("$HOME $$ $(id) $ ${X}$")).isEqualTo("$HOME $$ $(id) $ <X>$");
    assertThat(fill("")).isEmpty();
  }

  @Test
  void twoDollarsBeforeABraceAreOne() {
    assertThat(fill("$${X} and ${X}")).isEqualTo("${X} and <X>");
    assertThat(Blanks.of("$${X").broken()).isFalse();
  }

  @Test
  void valuesAreNotFilledAgain() {
    assertThat(Blanks.of("${X}").fill(name -> "${Y}")).isEqualTo("${Y}");
  }

  @Test
  void whatBeginsLikeAVariableAndIsNoneIsBroken() {
    for (String text : new String[] {"${", "a ${x}", "${X-1}", "${X:-y}", "${ X}", "${X", "${}"}) {
      assertThat(Blanks.of(text).broken()).as(text).isTrue();
    }
  }

  @Test
  void oneVariableAloneIsOne() {
    assertThat(Blanks.of("${X}").isOne()).isTrue();
    assertThat(Blanks.of(" ${X}").isOne()).isFalse();
    assertThat(Blanks.of("$${X}").isOne()).isFalse();
    assertThat(Blanks.of("X").isOne()).isFalse();
  }

  /** Whatever somebody wants to say can be said: braces after a dollar are escaped. */
  @Test
  void everyTextThatIsEscapedComesBack() {
    Random random = new Random(23);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(12);
      for (int i = 0; i < length; i++) {
        text.append("${}AX_- ".charAt(random.nextInt(8)));
      }
      String plain = text.toString();
      while (plain.contains("$${")) {
        plain = plain.replace("$${", "{");
      }

      assertThat(fill(plain.replace("${", "$${"))).isEqualTo(plain);
    }
  }
}
