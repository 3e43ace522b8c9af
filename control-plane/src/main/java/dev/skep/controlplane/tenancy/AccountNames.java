package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Names of organizations, accounts and tokens. */
public final class AccountNames {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");

  private AccountNames() {}

  /** Refuses what is no name. */
  public static String checked(String name) {
    return checked(name, "name");
  }

  /** Like {@link #checked(String)} where the caller wrote it elsewhere. */
  public static String checked(String name, String field) {
    if (!NAME.matcher(name).matches()) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          field,
          name.isEmpty()
              ? "is missing"
              : "has 1 to 63 of the letters a-z, digits, '.', '_' and '-', and begins and ends with a"
                  + " letter or digit");
    }
    return name;
  }

  /** Runs a write that gives the name to somebody. */
  public static <T> T unique(String name, Supplier<T> write) {
    return unique(name, "name", write);
  }

  /** Like {@link #unique(String, Supplier)} where the caller wrote it elsewhere. */
  public static <T> T unique(String name, String field, Supplier<T> write) {
    try {
      return write.get();
    } catch (RuntimeException e) {
      if (Database.brokenConstraint(e).isPresent()) {
        throw Refusal.ofField(
            Reason.NAME_TAKEN, field, "\"" + name + "\" is taken; choose another one");
      }
      throw e;
    }
  }
}
