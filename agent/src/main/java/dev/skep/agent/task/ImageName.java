package dev.skep.agent.task;

import java.util.regex.Pattern;

/** Names of images: ours are whole, the engine shortens those of its default registry. */
public final class ImageName {
  private static final String DEFAULT_REGISTRY = "docker.io";
  private static final Pattern PINNED =
      Pattern.compile("[A-Za-z0-9.:-]+(/[a-z0-9._-]+)+@sha256:[a-f0-9]{64}");
  private static final int MAX_LENGTH = 600;

  private ImageName() {}

  /** Whether it is registry/name@sha256:…, which always means the same bytes. */
  public static boolean isPinned(String name) {
    return name.length() <= MAX_LENGTH && PINNED.matcher(name).matches();
  }

  /** The whole name of what the engine shows as {@code nginx@sha256:…}. */
  public static String whole(String shown) {
    int slash = shown.indexOf('/');
    String first = slash < 0 ? "" : shown.substring(0, slash);
    boolean registry = first.contains(".") || first.contains(":") || first.equals("localhost");
    if (registry) {
      return shown;
    }
    return DEFAULT_REGISTRY + "/" + (slash < 0 ? "library/" : "") + shown;
  }

  /** Where it comes from. */
  public static String registry(String pinned) {
    return pinned.substring(0, pinned.indexOf('/'));
  }

  /** Without its digest. */
  public static String repository(String pinned) {
    return pinned.substring(0, pinned.indexOf('@'));
  }

  /** sha256:… */
  public static String digest(String pinned) {
    return pinned.substring(pinned.indexOf('@') + 1);
  }
}
