package dev.skep.controlplane.rpc;

import com.google.protobuf.Timestamp;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Lists in pages: the token is the key of the last row, so inserts do not shift pages. */
public final class Paging {
  public static final int DEFAULT_SIZE = 50;
  public static final int MAX_SIZE = 200;

  /** How ids look. */
  public static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final int CHECK_BYTES = 6;

  private Paging() {}

  /**
   * The size of a page.
   *
   * @throws Refusal when it is out of range
   */
  public static int size(int requested) {
    return size(requested, DEFAULT_SIZE, MAX_SIZE);
  }

  /** Like {@link #size(int)} with other limits. */
  public static int size(int requested, int defaultSize, int max) {
    if (requested < 0 || requested > max) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "page_size", requested + " is out of range; use 1 to " + max);
    }
    return requested == 0 ? defaultSize : requested;
  }

  /**
   * The key after which the page starts; empty for the first page.
   *
   * @throws Refusal when the token is not one of ours
   */
  public static String after(String token) {
    if (token.isEmpty()) {
      return "";
    }
    String key = key(token);
    if (!token(key).equals(token)) {
      throw foreign();
    }
    return key;
  }

  private static String key(String token) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(token);
      return new String(bytes, 0, Math.max(0, bytes.length - CHECK_BYTES), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw foreign();
    }
  }

  private static Refusal foreign() {
    return Refusal.ofField(
        Reason.INVALID_FIELD, "page_token", "is not a token of an earlier answer");
  }

  /**
   * Like {@link #after} where the key is a number.
   *
   * @throws Refusal when the token is not one of ours
   */
  public static long number(String token, long first) {
    String key = after(token);
    if (key.isEmpty()) {
      return first;
    }
    try {
      return Long.parseLong(key);
    } catch (NumberFormatException e) {
      throw foreign();
    }
  }

  /**
   * Like {@link #after} where the key is an id.
   *
   * @throws Refusal when the token is not one of ours
   */
  public static String id(String token) {
    String key = after(token);
    if (!key.isEmpty() && !ID.matcher(key).matches()) {
      throw foreign();
    }
    return key;
  }

  /** Makes a page of {@code size + 1} rows that were asked for. */
  public static <T> Page<T> page(List<T> rows, int size, Function<T, String> key) {
    if (rows.size() <= size) {
      return new Page<>(rows, "");
    }
    List<T> page = rows.subList(0, size);
    return new Page<>(page, token(key.apply(page.getLast())));
  }

  /**
   * The token of a page that starts after this key. Its check guards no secret: it makes a token
   * that was cut or made up an error and not a page from somewhere.
   */
  public static String token(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    byte[] check = Digests.sha256("page after " + key);
    byte[] token = Arrays.copyOf(bytes, bytes.length + CHECK_BYTES);
    System.arraycopy(check, 0, token, bytes.length, CHECK_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
