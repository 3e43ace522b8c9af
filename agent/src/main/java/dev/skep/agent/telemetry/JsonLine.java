package dev.skep.agent.telemetry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;

/**
 * Reads one physical line of a json-file log: {@code {"log":"…\n","stream":"stdout","time":"…Z"}}.
 *
 * <p>One instance is reused for every line and its text is valid until the next one: at half a
 * million lines a second an object per line is what the collector would spend its time on. Only the
 * layout that the engine writes is read by hand; anything else that is still JSON goes through
 * Gson.
 */
final class JsonLine {
  static final int STDOUT = 1;
  static final int STDERR = 2;

  private static final byte[] LOG = ascii("{\"log\":\"");
  private static final byte[] OUT = ascii(",\"stream\":\"stdout\"");
  private static final byte[] ERR = ascii(",\"stream\":\"stderr\"");
  private static final byte[] ATTRIBUTES = ascii(",\"attrs\":{");
  private static final byte[] TIME = ascii(",\"time\":\"");
  private static final int LONGEST_TIME = 40;

  private byte[] text = new byte[0];
  private int length;
  private int stream;
  private long nanos;
  private boolean partial;

  byte[] text() {
    return text;
  }

  int length() {
    return length;
  }

  int stream() {
    return stream;
  }

  long nanos() {
    return nanos;
  }

  /** True when the engine cut the line here and the rest follows. */
  boolean partial() {
    return partial;
  }

  /**
   * Takes the line in {@code [from, to)}, where {@code to} is its line feed; false when it is no
   * log line.
   */
  boolean read(byte[] in, int from, int to) {
    if (text.length < to - from) {
      text = new byte[to - from];
    }
    if (!readEngineLayout(in, from, to) && !readAnyLayout(in, from, to)) {
      return false;
    }
    partial = length == 0 || text[length - 1] != '\n';
    length -= partial ? 0 : 1;
    return true;
  }

  private boolean readEngineLayout(byte[] in, int from, int to) {
    if (!startsWith(in, from, to, LOG)) {
      return false;
    }
    int at = readString(in, from + LOG.length, to);
    if (at < 0) {
      return false;
    }
    if (startsWith(in, at, to, OUT)) {
      stream = STDOUT;
    } else if (startsWith(in, at, to, ERR)) {
      stream = STDERR;
    } else {
      return false;
    }
    return readTime(in, at + OUT.length, to);
  }

  /** The time stands last, so attributes of any length before it need no parsing. */
  private boolean readTime(byte[] in, int from, int to) {
    if (to - from < TIME.length + 2 || in[to - 1] != '}' || in[to - 2] != '"') {
      return false;
    }
    int at = from;
    if (startsWith(in, from, to, ATTRIBUTES)) {
      at = to - 2;
      while (at > from && to - at < LONGEST_TIME + TIME.length && !startsWith(in, at, to, TIME)) {
        at--;
      }
    }
    if (!startsWith(in, at, to, TIME)) {
      return false;
    }
    nanos = Timestamps.parse(in, at + TIME.length, to - 2);
    return nanos != Timestamps.INVALID;
  }

  /** Unescapes up to the closing quote; returns the index after it, or -1. */
  private int readString(byte[] in, int from, int to) {
    byte[] out = text;
    int written = 0;
    int at = from;
    while (at < to) {
      byte b = in[at];
      if (b == '"') {
        length = written;
        return at + 1;
      }
      if (b != '\\') {
        out[written++] = b;
        at++;
      } else if (at + 1 < to && in[at + 1] != 'u') {
        int plain = unescape(in[at + 1]);
        if (plain < 0) {
          return -1;
        }
        out[written++] = (byte) plain;
        at += 2;
      } else {
        int point = codePoint(in, at, to);
        if (point < 0) {
          return -1;
        }
        written = encode(point, out, written);
        at += point >= Character.MIN_SUPPLEMENTARY_CODE_POINT ? 12 : 6;
      }
    }
    return -1;
  }

  private static int unescape(byte escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\', '/' -> escaped;
      default -> -1;
    };
  }

  /**
   * The code point of one escape, or of two that form a pair; half a pair stands for no character
   * at all.
   */
  private static int codePoint(byte[] in, int at, int to) {
    int unit = unit(in, at, to);
    if (unit < Character.MIN_SURROGATE || unit > Character.MAX_SURROGATE) {
      return unit;
    }
    int low = unit <= Character.MAX_HIGH_SURROGATE ? unit(in, at + 6, to) : -1;
    boolean pair = low >= Character.MIN_LOW_SURROGATE && low <= Character.MAX_LOW_SURROGATE;
    return pair ? Character.toCodePoint((char) unit, (char) low) : 0xFFFD;
  }

  private static int unit(byte[] in, int at, int to) {
    if (at + 6 > to || in[at] != '\\' || in[at + 1] != 'u') {
      return -1;
    }
    int value = 0;
    for (int i = at + 2; i < at + 6; i++) {
      value = (value << 4) | Character.digit((char) (in[i] & 0xFF), 16);
    }
    return value;
  }

  private static int encode(int point, byte[] out, int at) {
    int next = at;
    if (point < 0x80) {
      out[next++] = (byte) point;
    } else if (point < 0x800) {
      out[next++] = (byte) (0xC0 | (point >> 6));
      out[next++] = (byte) (0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      out[next++] = (byte) (0xE0 | (point >> 12));
      out[next++] = (byte) (0x80 | ((point >> 6) & 0x3F));
      out[next++] = (byte) (0x80 | (point & 0x3F));
    } else {
      out[next++] = (byte) (0xF0 | (point >> 18));
      out[next++] = (byte) (0x80 | ((point >> 12) & 0x3F));
      out[next++] = (byte) (0x80 | ((point >> 6) & 0x3F));
      out[next++] = (byte) (0x80 | (point & 0x3F));
    }
    return next;
  }

  private boolean readAnyLayout(byte[] in, int from, int to) {
    try {
      JsonElement parsed =
          JsonParser.parseString(new String(in, from, to - from, StandardCharsets.UTF_8));
      return parsed instanceof JsonObject object && readObject(object);
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException notALine) {
      return false;
    }
  }

  private boolean readObject(JsonObject object) {
    JsonElement log = object.get("log");
    JsonElement name = object.get("stream");
    JsonElement time = object.get("time");
    if (log == null || name == null || time == null) {
      return false;
    }
    text = log.getAsString().getBytes(StandardCharsets.UTF_8);
    length = text.length;
    stream = name.getAsString().equals("stderr") ? STDERR : STDOUT;
    byte[] timeText = time.getAsString().getBytes(StandardCharsets.UTF_8);
    nanos = Timestamps.parse(timeText, 0, timeText.length);
    return nanos != Timestamps.INVALID;
  }

  private static boolean startsWith(byte[] in, int from, int to, byte[] prefix) {
    if (to - from < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (in[from + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
