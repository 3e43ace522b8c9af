package dev.skep.cli.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    var text = Table.of("NAME", "STATE").row("web", "running").row("a-longer-one", "-").render(80);

    assertThat(text)
        .isEqualTo(
            """
            NAME          STATE
            web           running
            a-longer-one  -
            """);
  }

  @Test
  void widestShrinkingColumnIsCutUntilTheLineFits() {
    var text =
        Table.of("NAME~", "STATE", "IMAGE~")
            .row("n".repeat(30), "deploying", "i".repeat(120))
            .render(80);

    assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(text).contains("deploying").contains("n".repeat(30)).contains("i…");
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    assertThat(Table.of("A").row("x\u001b[2Jy\nz").render(80)).doesNotContain("\u001b", "y\nz");
  }
}
