package dev.skep.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.cli.session.GlobalOptions;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The reference of the command line is what the commands say of themselves. */
final class ReferenceTest {
  private static final Path FILE = Path.of("../docs/cli.md");

  @Test
  void theReferenceIsTheCommandsOwn() throws IOException {
    String reference = reference();
    if (Boolean.getBoolean("skep.write.reference")) {
      Files.writeString(FILE, reference);
    }

    assertThat(Files.readString(FILE))
        .as(
            "write it anew: ./mvnw -pl cli -am -Dtest=ReferenceTest -Dskep.write.reference=true test")
        .isEqualTo(reference);
  }

  private static String reference() {
    try (var session =
        new Session(
            new GlobalOptions(),
            Map.of(),
            new Streams(InputStream.nullInputStream(), silent(), silent(), () -> false),
            InstantSource.system())) {
      CommandLine skep = new CommandTree(session).everything();
      return """
          # Commands

          What `skep COMMAND --help` says, in one page; written by a test. These options go with every command:
          %s
          %s
          """
              .formatted(
                  arguments(skep),
                  commands(skep).map(ReferenceTest::section).collect(joining("\n")))
              .stripTrailing()
          + "\n";
    }
  }

  private static Stream<CommandLine> commands(CommandLine parent) {
    return new LinkedHashSet<>(parent.getSubcommands().values())
        .stream().flatMap(one -> Stream.concat(Stream.of(one), commands(one)));
  }

  private static String section(CommandLine command) {
    var spec = command.getCommandSpec();
    boolean noun = !command.getSubcommands().isEmpty();
    String title = (noun ? "## " : "### ") + spec.qualifiedName();
    String synopsis =
        Stream.concat(
                Stream.of(spec.qualifiedName(), noun ? "COMMAND" : ""),
                spec.positionalParameters().stream().map(PositionalParamSpec::paramLabel))
            .filter(word -> !word.isEmpty())
            .collect(joining(" "));
    String description = String.join(" ", spec.usageMessage().description()).replace("%n", "\n");
    return "%s\n\n`%s`: %s\n%s".formatted(title, synopsis, description.strip(), arguments(command));
  }

  /** Without those that every command has. */
  private static String arguments(CommandLine command) {
    var spec = command.getCommandSpec();
    return Stream.concat(
            spec.positionalParameters().stream().map(p -> line(p.paramLabel(), p)),
            spec.options().stream()
                .filter(o -> !o.inherited() && !o.hidden())
                .map(o -> line(words(o), o)))
        .collect(joining())
        .replaceFirst("(?s)^(.+)$", "\n| | |\n|---|---|\n$1");
  }

  private static String words(OptionSpec option) {
    String names = String.join(", ", option.names());
    return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
  }

  private static String line(String words, ArgSpec argument) {
    String description =
        Arrays.stream(argument.description()).collect(joining(" ")).replace("%n", " ");
    String initial = argument.defaultValueString(true);
    return "| `%s` | %s |\n"
        .formatted(
            words.replace("|", "\\|"),
            description.replace("${DEFAULT-VALUE}", String.valueOf(initial)).replace("|", "\\|"));
  }

  private static PrintStream silent() {
    return new PrintStream(OutputStream.nullOutputStream());
  }
}
