package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.VolumeMount;

/** Volumes such as {@code data:/var/lib/db}. */
public final class Volumes {
  private Volumes() {}

  public static VolumeMount parse(String text) {
    var colon = text.indexOf(':');
    if (colon < 1 || text.indexOf('/') <= colon) {
      throw CliException.usage(
          "'" + text + "' is not a volume",
          "write it like data:/var/lib/db; directories of the worker cannot be mounted");
    }
    return VolumeMount.newBuilder()
        .setName(text.substring(0, colon))
        .setPath(text.substring(colon + 1))
        .build();
  }
}
