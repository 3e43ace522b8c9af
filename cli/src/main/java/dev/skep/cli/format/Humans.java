package dev.skep.cli.format;

import com.google.protobuf.ProtocolMessageEnum;
import com.google.protobuf.Timestamp;
import dev.skep.v1.Port;
import dev.skep.v1.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Values in the words and units that people read. */
public final class Humans {
  private static final String NONE = "-";
  private static final long KIB = 1024;

  private Humans() {}

  /** {@code SERVICE_STATE_RUNNING} of {@code ServiceState} is {@code running}. */
  public static String word(ProtocolMessageEnum value, String prefix) {
    var name = value.toString();
    if (name.equals("UNRECOGNIZED") || name.endsWith("_UNSPECIFIED")) {
      return NONE;
    }
    return name.substring(name.startsWith(prefix) ? prefix.length() : 0).toLowerCase(Locale.ROOT);
  }

  public static String age(Timestamp time, Instant now) {
    return isUnset(time) ? NONE : span(Duration.between(instant(time), now));
  }

  /** Two units at most up to minutes, one above: 42s, 3m, 5h, 12d. */
  public static String span(Duration duration) {
    var seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m";
    }
    return seconds < 2 * 86_400 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }

  public static String localTime(Timestamp time, ZoneId zone) {
    return isUnset(time)
        ? NONE
        : DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
            .withZone(zone)
            .format(instant(time));
  }

  public static String bytes(long bytes) {
    if (bytes < KIB) {
      return bytes + " B";
    }
    double value = bytes;
    var unit = "";
    for (var next : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
      if (value < KIB) {
        break;
      }
      value /= KIB;
      unit = next;
    }
    return trimZero(String.format(Locale.ROOT, value < 100 ? "%.1f" : "%.0f", value)) + " " + unit;
  }

  public static String cores(long millis) {
    return trimZero(String.format(Locale.ROOT, "%.2f", millis / 1000.0).replaceAll("0$", ""));
  }

  public static String port(Port port) {
    var protocol = port.getProtocol() == Protocol.PROTOCOL_UDP ? "/udp" : "/tcp";
    var host = port.getHostPort() == 0 ? "" : " on host port " + port.getHostPort();
    return port.getContainerPort() + protocol + host;
  }

  public static String pairs(Map<String, String> pairs) {
    return orNone(
        new TreeMap<>(pairs)
            .entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(",")));
  }

  public static String orNone(String text) {
    return text.isEmpty() ? NONE : text;
  }

  public static boolean isUnset(Timestamp time) {
    return time.getSeconds() == 0 && time.getNanos() == 0;
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  private static String trimZero(String number) {
    return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
  }
}
