package dev.skep.controlplane.access;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Names of organizations, accounts and tokens. */
final class AccountNames {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");

  private AccountNames() {}

  /** Refuses what is no name. */
  static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "name",
          name.isEmpty()
              ? "is missing"
              : "has 1 to 63 of the letters a-z, digits, '.', '_' and '-', and begins and ends with a"
                  + " letter or digit");
    }
    return name;
  }

  /** Runs a write that gives the name to somebody. */
  static <T> T unique(String name, Supplier<T> write) {
    try {
      return write.get();
    } catch (RuntimeException e) {
      if (Database.brokenConstraint(e).isPresent()) {
        throw Refusal.ofField(
            Reason.NAME_TAKEN, "name", "\"" + name + "\" is taken; choose another one");
      }
      throw e;
    }
  }
}
