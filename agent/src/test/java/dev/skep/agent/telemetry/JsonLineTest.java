package dev.skep.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JsonLineTest {
  private static final String END =
      "\",\"stream\":\"stderr\",\"time\":\"2026-11-21T02:38:43.123456789Z\"}";
  private final JsonLine line = new JsonLine();

  @Test
  void readsTextStreamAndTime() {
    assertThat(read("{\"log\":\"hello\\n" + END)).isEqualTo("hello");
    assertThat(line.stream()).isEqualTo(JsonLine.STDERR);
    assertThat(line.partial()).isFalse();
    Instant time = Instant.parse("2026-11-21T02:38:43.123456789Z");
    assertThat(line.nanos()).isEqualTo(time.getEpochSecond() * 1_000_000_000L + time.getNano());
  }

  @Test
  void undoesEveryEscape() {
    assertThat(read("{\"log\":\"\\u0000\\u001b\\u2028\\ud83d\\ude00\\ud83d\\t\\\"\\\\\\/\\n" + END))
        .isEqualTo("\0\u001b\u2028\uD83D\uDE00\uFFFD\t\"\\/");
  }

  @Test
  void missingLineEndMeansThatTheLineGoesOn() {
    assertThat(read("{\"log\":\"half" + END)).isEqualTo("half");
    assertThat(line.partial()).isTrue();
  }

  @Test
  void attributesAndOtherLayoutsAreRead() {
    String time = "\"time\":\"2026-01-01T01:00:00.5+01:00\"}";
    String attributes =
        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"x,\\\"y\\\"\"}," + time;
    assertThat(read(attributes)).isEqualTo("a");
    assertThat(line.nanos()).isEqualTo(1_767_225_600_500_000_000L);
    assertThat(read("{ \"stream\":\"stdout\", \"log\":\"b\\n\", " + time)).isEqualTo("b");
  }

  @Test
  void whatIsNoLogLineIsRefused() {
    for (String broken :
        new String[] {"", "\0\0\0", "{\"log\":\"a", "[]", "{\"log\":\"\\x\"}", "{}"}) {
      byte[] bytes = broken.getBytes(StandardCharsets.UTF_8);
      assertThat(line.read(bytes, 0, bytes.length)).as(broken).isFalse();
    }
  }

  private String read(String physical) {
    byte[] bytes = physical.getBytes(StandardCharsets.UTF_8);
    assertThat(line.read(bytes, 0, bytes.length)).isTrue();
    return new String(line.text(), 0, line.length(), StandardCharsets.UTF_8);
  }
}
