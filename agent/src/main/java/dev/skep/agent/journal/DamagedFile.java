package dev.skep.agent.journal;

import java.nio.file.Path;

/** A file of ours that does not hold what we wrote. */
public final class DamagedFile extends RuntimeException {
  private static final long serialVersionUID = 1;

  DamagedFile(Path path, String what) {
    super(path + " is damaged: " + what);
  }
}
