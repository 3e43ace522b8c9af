package dev.skep.cli.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.cli.outcome.CliException;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void quotesAndBackslashesKeepWordsTogether() {
    assertThat(Words.split("sh -c 'echo \"a  b\"' \"it's\" c\\ d ''"))
        .containsExactly("sh", "-c", "echo \"a  b\"", "it's", "c d", "");
  }

  @Test
  void nothingIsExpanded() {
    assertThat(Words.split("echo $HOME *")).containsExactly("echo", "$HOME", "*");
  }

  @Test
  void openQuoteIsRefused() {
    assertThatThrownBy(() -> Words.split("echo 'a")).isInstanceOf(CliException.class);
  }
}
