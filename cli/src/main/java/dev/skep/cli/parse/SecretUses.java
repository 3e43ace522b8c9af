package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.SecretFile;
import dev.skep.v1.SecretUse;

/**
 * Uses of secrets such as {@code db}, {@code db:env=DB_PASSWORD} or {@code
 * tls:file=/etc/tls/key,mode=0400,uid=101,gid=101}.
 */
public final class SecretUses {
  private SecretUses() {}

  public static SecretUse parse(String text) {
    var colon = text.indexOf(':');
    var name = colon < 0 ? text : text.substring(0, colon);
    var use = SecretUse.newBuilder().setSecret(name);
    if (name.isBlank()) {
      throw wrong(text);
    }
    if (colon < 0) {
      return use.build();
    }
    var how = text.substring(colon + 1);
    if (how.startsWith("env=")) {
      return use.setEnv(how.substring(4)).build();
    }
    var file = SecretFile.newBuilder();
    for (var part : how.split(",", -1)) {
      set(file, text, part);
    }
    return use.setFile(file).build();
  }

  private static void set(SecretFile.Builder file, String text, String part) {
    var equals = part.indexOf('=');
    var value = part.substring(equals + 1);
    switch (equals < 0 ? "" : part.substring(0, equals)) {
      case "file" -> file.setPath(value);
      case "mode" -> file.setMode(number(text, value, 8));
      case "uid" -> file.setUid(number(text, value, 10));
      case "gid" -> file.setGid(number(text, value, 10));
      default -> throw wrong(text);
    }
  }

  private static int number(String text, String value, int radix) {
    try {
      return Integer.parseInt(value, radix);
    } catch (NumberFormatException e) {
      throw wrong(text);
    }
  }

  private static CliException wrong(String text) {
    return CliException.usage(
        "'" + text + "' is not a use of a secret",
        "write it like db-password, db-password:env=DB_PASSWORD or tls:file=/etc/tls/key,mode=0400");
  }
}
