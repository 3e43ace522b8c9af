package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.Exposure;
import dev.skep.v1.Port;
import dev.skep.v1.Protocol;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Ports such as {@code 8080}, {@code 8080:host=8088} or {@code 53/udp}. */
public final class Ports {
  private static final Pattern PORT =
      Pattern.compile("(\\d{1,6})(?::host=(\\d{1,6}))?(?:/(tcp|udp))?", Pattern.CASE_INSENSITIVE);

  private Ports() {}

  public static Port parse(String text) {
    var match = PORT.matcher(text.strip());
    if (!match.matches()) {
      throw CliException.usage(
          "'" + text + "' is not a port", "write it like 8080, 8080:host=8088 or 53/udp");
    }
    var port =
        Port.newBuilder()
            .setContainerPort(number(match.group(1)))
            .setProtocol(
                "udp".equals(lower(match.group(3)))
                    ? Protocol.PROTOCOL_UDP
                    : Protocol.PROTOCOL_TCP);
    return match.group(2) == null
        ? port.setExposure(Exposure.EXPOSURE_INTERNAL).build()
        : port.setExposure(Exposure.EXPOSURE_HOST).setHostPort(number(match.group(2))).build();
  }

  /** A port number; refused here because a number that wraps around would name another port. */
  public static int number(String text) {
    var number = text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
    if (number < 1 || number > 65535) {
      throw CliException.usage("'" + text + "' is not a port number", "1 to 65535");
    }
    return number;
  }

  private static String lower(@Nullable String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }
}
