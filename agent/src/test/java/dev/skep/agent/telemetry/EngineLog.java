package dev.skep.agent.telemetry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes a json-file log the way the engine does: pieces of 16 KiB, its escapes, its renames. */
final class EngineLog {
  private static final int PIECE = 16 << 10;
  private final Path path;
  private final int maxFiles;
  private final long maxBytes;
  final List<String> written = new ArrayList<>();
  private long second;

  EngineLog(Path path, long maxBytes, int maxFiles) throws IOException {
    this.path = path;
    this.maxBytes = maxBytes;
    this.maxFiles = maxFiles;
    Files.createDirectories(path.getParent());
    Files.createFile(path);
  }

  Path path() {
    return path;
  }

  void line(int stream, String text) throws IOException {
    for (String piece : pieces(text)) {
      write(physical(stream, piece));
    }
    written.add(text);
  }

  /** Two long lines at once, one on each stream, piece by piece; the first ends first. */
  void alternating(String out, String err) throws IOException {
    List<String> first = pieces(out);
    List<String> second = pieces(err);
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      if (i < first.size()) {
        write(physical(1, first.get(i)));
      }
      if (i < second.size()) {
        write(physical(2, second.get(i)));
      }
    }
    written.add(first.size() <= second.size() ? out : err);
    written.add(first.size() <= second.size() ? err : out);
  }

  void write(String physical) throws IOException {
    if (Files.size(path) >= maxBytes) {
      rotate();
    }
    append(physical);
  }

  void append(String text) throws IOException {
    Files.writeString(path, text, StandardOpenOption.APPEND);
  }

  void rotate() throws IOException {
    for (int i = maxFiles - 1; i > 0; i--) {
      Path from = i == 1 ? path : name(i - 1);
      if (Files.exists(from)) {
        Files.move(from, name(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.createFile(path);
  }

  void remove() throws IOException {
    for (int i = 1; i < maxFiles; i++) {
      Files.deleteIfExists(name(i));
    }
    Files.delete(path);
  }

  String physical(int stream, String log) {
    second++;
    return "{\"log\":\"%s\",\"stream\":\"%s\",\"time\":\"2026-11-21T%02d:%02d:%02d.%09dZ\"}\n"
        .formatted(
            escape(log),
            stream == 1 ? "stdout" : "stderr",
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            second);
  }

  private Path name(int i) {
    return path.resolveSibling(path.getFileName() + "." + i);
  }

  private static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    int from = 0;
    while (bytes(text.substring(from)) > PIECE) {
      int to = Math.min(text.length(), from + PIECE / 4);
      to -= Character.isHighSurrogate(text.charAt(to - 1)) ? 1 : 0;
      pieces.add(text.substring(from, to));
      from = to;
    }
    pieces.add(text.substring(from) + "\n");
    return pieces;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\uFFFD', '\u2028', '\u2029', '<', '>', '&' ->
            out.append("\\u%04x".formatted((int) c));
        default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    return out.toString();
  }
}
