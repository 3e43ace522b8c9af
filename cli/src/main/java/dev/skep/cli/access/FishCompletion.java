package dev.skep.cli.access;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completion rules for fish: nouns, verbs after their noun, options after their verb. */
final class FishCompletion {
  private FishCompletion() {}

  static String of(CommandLine root) {
    var lines = new ArrayList<String>();
    lines.add("complete -c skep -f");
    root.getCommandSpec().options().forEach(o -> lines.add(option("", o)));
    for (var noun : commands(root)) {
      lines.add(word("__fish_use_subcommand", noun));
      var name = noun.getCommandName();
      addOwnOptions(lines, "__fish_seen_subcommand_from " + name, noun);
      for (var verb : commands(noun)) {
        var seen = "__fish_seen_subcommand_from " + name;
        lines.add(word(seen, verb));
        addOwnOptions(
            lines, seen + "; and __fish_seen_subcommand_from " + verb.getCommandName(), verb);
      }
    }
    return String.join("\n", lines);
  }

  private static List<CommandLine> commands(CommandLine parent) {
    return Stream.of(parent).flatMap(p -> p.getSubcommands().values().stream()).distinct().toList();
  }

  private static void addOwnOptions(List<String> lines, String condition, CommandLine command) {
    command.getCommandSpec().options().stream()
        .filter(o -> !o.inherited() && !o.hidden())
        .forEach(o -> lines.add(option(condition, o)));
  }

  private static String word(String condition, CommandLine command) {
    var description = command.getCommandSpec().usageMessage().description();
    return "complete -c skep -n '%s' -a %s -d '%s'"
        .formatted(
            condition,
            command.getCommandName(),
            quoted(description.length == 0 ? "" : description[0]));
  }

  private static String option(String condition, OptionSpec option) {
    var line = new StringBuilder("complete -c skep");
    if (!condition.isEmpty()) {
      line.append(" -n '").append(condition).append('\'');
    }
    for (var name : option.names()) {
      line.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      line.append(option.typeInfo().getClassName().endsWith("Path") ? " -r -F" : " -x");
    }
    var description = option.description();
    return line + " -d '" + quoted(description.length == 0 ? "" : description[0]) + "'";
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("'", "\\'");
  }
}
