package dev.skep.cli.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.cli.outcome.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyValuesTest {
  @Test
  void valueMayHoldEqualsSignsAndBeEmpty() {
    assertThat(KeyValues.parse(List.of("URL=a=b", "EMPTY=")))
        .containsExactlyInAnyOrderEntriesOf(Map.of("URL", "a=b", "EMPTY", ""));
  }

  @Test
  void keyAloneTakesTheCallersValue() {
    assertThat(KeyValues.parse(List.of("SECRET"), Map.of("SECRET", "s3")))
        .containsExactly(Map.entry("SECRET", "s3"));
  }

  @Test
  void keyAloneWithoutAValueIsRefused() {
    assertThatThrownBy(() -> KeyValues.parse(List.of("SECRET"), Map.of()))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("SECRET");
  }

  @Test
  void fileIsReadLiterallyAndWithoutComments(@TempDir Path directory) throws IOException {
    var file = directory.resolve("env");
    Files.writeString(file, "# note\n\nA=\"quoted\"\n  B=x y \n");

    assertThat(KeyValues.readFile(file))
        .containsExactly(Map.entry("A", "\"quoted\""), Map.entry("B", "x y "));
  }

  @Test
  void badLineIsNamedByItsNumber(@TempDir Path directory) throws IOException {
    var file = directory.resolve("env");
    Files.writeString(file, "A=1\nnonsense\n");

    assertThatThrownBy(() -> KeyValues.readFile(file)).hasMessageContaining("line 2");
  }
}
