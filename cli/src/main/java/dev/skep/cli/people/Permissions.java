package dev.skep.cli.people;

import static java.util.stream.Collectors.joining;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.Permission;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Permissions as people write them: {@code services-read}. */
final class Permissions {
  private static final String PREFIX = "PERMISSION_";

  private Permissions() {}

  static List<Permission> parse(List<String> words) {
    return words.stream().map(Permissions::parse).toList();
  }

  /** {@code all} when nothing is narrowed. */
  static String words(List<Permission> permissions) {
    return permissions.isEmpty()
        ? "all"
        : permissions.stream().map(Permissions::word).collect(joining(","));
  }

  private static Permission parse(String word) {
    return Arrays.stream(Permission.values())
        .filter(p -> p.name().startsWith(PREFIX) && word(p).equals(word.strip()))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.usage(
                    "'" + word + "' is not a permission",
                    "skep roles ls shows those that there are"));
  }

  private static String word(Permission permission) {
    return permission
        .name()
        .replaceFirst("^" + PREFIX, "")
        .toLowerCase(Locale.ROOT)
        .replace('_', '-');
  }
}
