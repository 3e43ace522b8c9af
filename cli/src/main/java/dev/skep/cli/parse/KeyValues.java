package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pairs such as {@code KEY=value}, from flags and from files. */
public final class KeyValues {
  private KeyValues() {}

  /** Labels: every pair needs its value. */
  public static Map<String, String> parse(List<String> pairs) {
    var result = new LinkedHashMap<String, String>();
    pairs.forEach(pair -> put(result, pair));
    return result;
  }

  /**
   * Variables: a key alone takes its value from the caller's environment, which keeps it out of the
   * process list and of the shell's history.
   */
  public static Map<String, String> parse(List<String> pairs, Map<String, String> environment) {
    var result = new LinkedHashMap<String, String>();
    for (var pair : pairs) {
      put(result, pair.contains("=") ? pair : pair + "=" + inherited(pair, environment));
    }
    return result;
  }

  /** One pair per line; blank lines and lines that start with # are skipped; values are literal. */
  public static Map<String, String> readFile(Path path) {
    var result = new LinkedHashMap<String, String>();
    var lines = lines(path);
    for (int i = 0; i < lines.size(); i++) {
      var line = lines.get(i).stripLeading();
      if (line.indexOf('=') < 1 && !line.isBlank() && !line.startsWith("#")) {
        throw CliException.usage(path + " line " + (i + 1) + " is not KEY=value");
      }
      if (!line.isBlank() && !line.startsWith("#")) {
        put(result, line);
      }
    }
    return result;
  }

  private static void put(Map<String, String> into, String pair) {
    int equals = pair.indexOf('=');
    if (equals < 1) {
      throw CliException.usage("'" + pair + "' is not a pair", "write it like KEY=value");
    }
    into.put(pair.substring(0, equals), pair.substring(equals + 1));
  }

  private static String inherited(String key, Map<String, String> environment) {
    var value = environment.get(key);
    if (value == null) {
      throw CliException.usage(
          "'" + key + "' has no value here", "write " + key + "=value, or set it before the call");
    }
    return value;
  }

  private static List<String> lines(Path path) {
    try {
      return Files.readAllLines(path);
    } catch (IOException e) {
      throw CliException.usage("cannot read " + path + ": " + e.getClass().getSimpleName());
    }
  }
}
